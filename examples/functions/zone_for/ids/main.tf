variable "zone_ids" {
  type        = map(string)
  description = "Ids of the zones at the DNS provider, by zone name: lower-case, punycode, without a trailing dot."
  default = {
    "example.com" = "Z0EXAMPLECOM"
    "example.net" = "Z0EXAMPLENET"
  }
}

# The id of the zone that holds a name: "Z0EXAMPLENET"
output "zone_id" {
  value = var.zone_ids[provider::certops::zone_for("_dnsauth.shop.example.net.", keys(var.zone_ids))]
}

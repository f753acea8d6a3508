variable "names" {
  type        = set(string)
  description = "Names on the certificate."
  default     = ["example.com", "*.example.com", "shop.example.net"]
}

# Which zones the order will need records in, before it is placed: ["example.com", "example.net"]
output "zones" {
  value = toset([
    for domain in keys(provider::certops::dcv_domains(var.names)) :
    provider::certops::zone_for(domain, ["example.com", "example.net", "example.org"])
  ])
}

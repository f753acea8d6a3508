locals {
  zones = ["example.com", "dev.example.com", "example.net"]
}

# The longest zone wins: "dev.example.com"
output "longest" {
  value = provider::certops::zone_for("_dnsauth.www.dev.example.com", local.zones)
}

# Labels are compared whole, so badexample.com is not in example.com: false
output "no_zone" {
  value = can(provider::certops::zone_for("www.badexample.com", local.zones))
}

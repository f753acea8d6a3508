locals {
  account = "https://acme.example/account/1"
}

# The persistent records of an account, in their zones, ready for DNS resources.
resource "certops_dcv_records" "persistent" {
  domains = ["example.com", "shop.example.net"]
  sources = [{
    for domain in ["example.com", "shop.example.net"] :
    domain => provider::certops::persistent_dcv_record(domain, "sectigo.com", local.account)
  }]
  zones = ["example.com", "example.net"]
}

output "owners" {
  value = { for key, record in certops_dcv_records.persistent.dns_records : key => record.relative_name }
}

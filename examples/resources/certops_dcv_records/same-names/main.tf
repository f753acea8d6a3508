# Two vendors with orders for the same names: a resource for each, so that no record takes another's place.
data "certops_digicert_orders" "pending" {
  status             = "pending"
  include_validation = true
}

data "certops_processes" "pending" {
  status       = "SUSPENDED"
  include_info = true
}

locals {
  sources = {
    digicert          = data.certops_digicert_orders.pending.dns_records
    realtime_register = data.certops_processes.pending.dns_records
  }
}

resource "certops_dcv_records" "example" {
  for_each = local.sources

  domains = ["example.com", "*.example.com"]
  source  = each.value
}

output "records" {
  value = merge([
    for vendor, kept in certops_dcv_records.example : {
      for domain, record in kept.dns_records : "${domain} ${vendor}" => "${record.fqdn} ${record.type} ${record.rdata}"
    }
  ]...)
}

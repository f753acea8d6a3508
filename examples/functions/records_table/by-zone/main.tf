# One table for each zone, for teams that run one zone each.
data "certops_digicert_order_validation" "example" {
  order_id = "20001"
  zones    = ["example.com", "example.net"]
}

locals {
  records = data.certops_digicert_order_validation.example.dns_records
}

output "tables" {
  value = {
    for zone in ["example.com", "example.net"] :
    zone => provider::certops::records_table({ for key, record in local.records : key => record if record.zone == zone })
  }
}

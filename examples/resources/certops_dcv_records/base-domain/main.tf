# An order that is validated at the registrable domain: app.example.org and api.example.org share
# the record of example.org.
data "certops_digicert_order_validation" "example" {
  order_id = "20002"
}

resource "certops_dcv_records" "example" {
  domains  = ["app.example.org", "api.example.org"]
  scope    = "base_domain"
  sources  = [data.certops_digicert_order_validation.example.dns_records]
  statuses = [data.certops_digicert_order_validation.example.dcv_status]
}

output "keys" {
  value = keys(certops_dcv_records.example.dns_records)
}

data "certops_digicert_order_validation" "example" {
  order_id = "20001"
}

resource "certops_dcv_records" "example" {
  domains  = ["example.com", "*.example.com", "www.example.com", "shop.example.net"]
  sources  = [data.certops_digicert_order_validation.example.dns_records]
  statuses = [data.certops_digicert_order_validation.example.dcv_status]
  zones    = ["example.com", "example.net"]

  # It is the only copy of the tokens.
  lifecycle {
    prevent_destroy = true
  }
}

output "records" {
  value = {
    for domain, record in certops_dcv_records.example.dns_records :
    domain => "${record.relative_name} in ${record.zone}: ${record.type} ${record.rdata}"
  }
}

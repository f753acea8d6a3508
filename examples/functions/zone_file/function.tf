data "certops_digicert_order_validation" "example" {
  order_id = "20001"
}

# _dnsauth.example.com.      300  IN  CNAME  x9kq.dcv.digicert.com.
# …
output "zone_file" {
  value = provider::certops::zone_file(data.certops_digicert_order_validation.example.dns_records, 300)
}

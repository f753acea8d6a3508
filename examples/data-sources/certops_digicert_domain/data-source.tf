data "certops_digicert_domain" "example" {
  name = "shop.example.net"
}

output "validated_until" {
  value = data.certops_digicert_domain.example.dcv_expiration_datetime
}

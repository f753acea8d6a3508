data "certops_digicert_order_validation" "example" {
  order_id = "20001"
}

data "certops_dns_check" "example" {
  dns_records = data.certops_digicert_order_validation.example.dns_records
}

output "ready" {
  value = data.certops_dns_check.example.ready
}

output "findings" {
  value = { for domain, result in data.certops_dns_check.example.results : domain => result.message }
}

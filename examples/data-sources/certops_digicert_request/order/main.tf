# From a request to the records of its order. While a request waits for approval it may have no
# order yet.
data "certops_digicert_request" "example" {
  request_id = 20101
}

data "certops_digicert_order_validation" "example" {
  order_id = data.certops_digicert_request.example.order.id
}

output "records_to_publish" {
  value = {
    for domain, record in data.certops_digicert_order_validation.example.dns_records :
    domain => "${record.fqdn} ${record.type} ${record.rdata}"
  }
}

locals {
  record = provider::certops::sectigo_dns_record(file("${path.module}/example.csr"), "*.example.com")
}

# "_<MD5 of the CSR>.example.com CNAME <SHA-256 of the CSR in two halves>.sectigo.com."
output "record" {
  value = "${local.record.fqdn} ${local.record.type} ${local.record.rdata}"
}

locals {
  record = provider::certops::persistent_dcv_record("example.com", "sectigo.com", "https://acme.example/account/1")
}

output "record" {
  value = "${local.record.fqdn} ${local.record.type} ${local.record.rdata}"
}

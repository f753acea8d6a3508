# One entry of dns_records, made by hand.
output "entry" {
  value = provider::certops::dns_record("CNAME", "_dnsauth.example.com", "x9Kq.dcv.digicert.com")
}

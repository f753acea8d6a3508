# Every certificate for a name below example.com, and where its domains stand.
data "certops_cps_certificates" "example" {
  domain = "*.example.com"
}

output "certificates" {
  value = {
    for certificate in data.certops_cps_certificates.example.certificates :
    "${certificate.certificate_label} (${certificate.id})" => [for domain in certificate.domains : "${domain.name} (${domain.status})"]
  }
}

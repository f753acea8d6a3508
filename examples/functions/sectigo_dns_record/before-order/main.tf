# The records for all names of a certificate, published before the order is placed: they come from
# the CSR alone.
variable "names" {
  type        = set(string)
  description = "Names that the certificate will have."
  default     = ["example.com", "*.example.com", "shop.example.net"]
}

locals {
  domains = keys(provider::certops::dcv_domains(var.names))
}

resource "certops_dcv_records" "example" {
  domains = var.names
  sources = [{
    for domain in local.domains :
    domain => provider::certops::sectigo_dns_record(file("${path.module}/example.csr"), domain)
  }]
  zones = ["example.com", "example.net"]
}

output "zone_file" {
  value = provider::certops::zone_file(certops_dcv_records.example.dns_records, 300)
}

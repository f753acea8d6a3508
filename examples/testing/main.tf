# The configuration under test: records of an order, published by something that terraform_data
# stands in for here, so that the example needs no DNS provider. Yours has aws_route53_record or the
# like in its place.

terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
  }
}

variable "order_id" {
  type        = string
  description = "Id of the DigiCert order."
  default     = "20001"
}

variable "domains" {
  type        = set(string)
  description = "Names on the certificate, as ordered."
  default     = ["example.com", "*.example.com", "shop.example.net"]
}

variable "zones" {
  type        = set(string)
  description = "DNS zones that hold the names."
  default     = ["example.com", "example.net"]
}

data "certops_digicert_order_validation" "this" {
  order_id = var.order_id
}

resource "certops_dcv_records" "this" {
  domains  = var.domains
  sources  = [data.certops_digicert_order_validation.this.dns_records]
  statuses = [data.certops_digicert_order_validation.this.dcv_status]
  zones    = var.zones
}

resource "terraform_data" "dns_record" {
  for_each = certops_dcv_records.this.dns_record_sets

  input = {
    zone    = each.value.zone
    name    = each.value.relative_name
    type    = each.value.type
    records = each.value.rdatas
  }
}

resource "certops_dcv_validation" "this" {
  digicert_order_id = var.order_id
  record_fqdns      = [for key in keys(terraform_data.dns_record) : certops_dcv_records.this.dns_record_sets[key].fqdn]
}

output "dns_records" {
  value = { for key, record in terraform_data.dns_record : key => record.output }
}

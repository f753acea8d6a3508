# Amazon Route 53. Manages whole record sets; the value of a TXT record is bare, the provider quotes it.

terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
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
  description = "Names on the certificate, as ordered. The wildcard and its apex share one record."
  default     = ["example.com", "*.example.com", "www.example.com", "shop.example.net"]
}

variable "zone_ids" {
  type        = map(string)
  description = "Ids of the hosted zones, by zone name: lower-case, punycode, without a trailing dot."
  default = {
    "example.com" = "Z0EXAMPLECOM"
    "example.net" = "Z0EXAMPLENET"
  }
}

data "certops_digicert_order_validation" "this" {
  order_id = var.order_id
}

resource "certops_dcv_records" "this" {
  domains  = var.domains
  sources  = [data.certops_digicert_order_validation.this.dns_records]
  statuses = [data.certops_digicert_order_validation.this.dcv_status]
  zones    = keys(var.zone_ids)

  # It is the only copy of the tokens.
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_route53_record" "dcv" {
  for_each = certops_dcv_records.this.dns_record_sets

  zone_id = var.zone_ids[each.value.zone]
  name    = each.value.fqdn
  type    = each.value.type
  ttl     = 300
  records = each.value.values
}

resource "certops_dcv_validation" "this" {
  digicert_order_id = var.order_id
  record_fqdns      = [for record in aws_route53_record.dcv : record.fqdn]
}

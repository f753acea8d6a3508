# NS1 (IBM). One block a value; names without a dot at the end.

terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
    ns1 = {
      source  = "ns1-terraform/ns1"
      version = ">= 2.0"
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

variable "zones" {
  type        = set(string)
  description = "Zones at NS1 that hold the names."
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

  # It is the only copy of the tokens.
  lifecycle {
    prevent_destroy = true
  }
}

resource "ns1_record" "dcv" {
  for_each = certops_dcv_records.this.dns_record_sets

  zone   = each.value.zone
  domain = each.value.fqdn
  type   = each.value.type
  ttl    = 300

  dynamic "answers" {
    for_each = each.value.values
    content {
      answer = answers.value
    }
  }
}

resource "certops_dcv_validation" "this" {
  digicert_order_id = var.order_id
  record_fqdns      = [for key in keys(ns1_record.dcv) : certops_dcv_records.this.dns_record_sets[key].fqdn]
}

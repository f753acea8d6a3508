# OVHcloud. One resource a value; the zone apex is an empty subdomain, and a CNAME target ends in a dot.

terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
    ovh = {
      source  = "ovh/ovh"
      version = ">= 0.40"
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
  description = "Zones at OVHcloud that hold the names."
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

resource "ovh_domain_zone_record" "dcv" {
  for_each = certops_dcv_records.this.dns_records

  zone      = each.value.zone
  subdomain = trimprefix(each.value.relative_name, "@")
  fieldtype = each.value.type
  target    = each.value.value_dot
  ttl       = 300
}

resource "certops_dcv_validation" "this" {
  digicert_order_id = var.order_id
  record_fqdns      = [for key in keys(ovh_domain_zone_record.dcv) : certops_dcv_records.this.dns_records[key].fqdn]
}

# Hetzner Cloud. Manages whole record sets; TXT values are quoted, a CNAME target ends in a dot.

terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
    hcloud = {
      source  = "hetznercloud/hcloud"
      version = ">= 1.54"
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
  description = "Zones at Hetzner Cloud that hold the names."
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

resource "hcloud_zone_rrset" "dcv" {
  for_each = certops_dcv_records.this.dns_record_sets

  zone    = each.value.zone
  name    = each.value.relative_name
  type    = each.value.type
  ttl     = 300
  records = [for rdata in each.value.rdatas : { value = rdata }]
}

resource "certops_dcv_validation" "this" {
  digicert_order_id = var.order_id
  record_fqdns      = [for key in keys(hcloud_zone_rrset.dcv) : certops_dcv_records.this.dns_record_sets[key].fqdn]
}

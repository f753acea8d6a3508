# PowerDNS. Manages whole record sets; names end in a dot, TXT values are quoted.

terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
    powerdns = {
      source  = "pan-net/powerdns"
      version = ">= 1.5"
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
  description = "Zones at PowerDNS that hold the names."
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

resource "powerdns_record" "dcv" {
  for_each = certops_dcv_records.this.dns_record_sets

  zone    = "${each.value.zone}."
  name    = each.value.fqdn_dot
  type    = each.value.type
  ttl     = 300
  records = each.value.rdatas
}

resource "certops_dcv_validation" "this" {
  digicert_order_id = var.order_id
  record_fqdns      = [for key in keys(powerdns_record.dcv) : certops_dcv_records.this.dns_record_sets[key].fqdn]
}

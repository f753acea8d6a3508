# Netlify. One resource a value; the name is fully qualified, without a dot at the end.

terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
    netlify = {
      source  = "netlify/netlify"
      version = ">= 0.2"
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
  description = "Ids of the DNS zones, by zone name: lower-case, punycode, without a trailing dot."
  default = {
    "example.com" = "5e8f1a2b3c4d5e6f7a8b9c0d"
    "example.net" = "6f9a2b3c4d5e6f7a8b9c0d1e"
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

resource "netlify_dns_record" "dcv" {
  for_each = certops_dcv_records.this.dns_records

  zone_id  = var.zone_ids[each.value.zone]
  hostname = each.value.fqdn
  type     = each.value.type
  value    = each.value.value
  ttl      = 300
}

resource "certops_dcv_validation" "this" {
  digicert_order_id = var.order_id
  record_fqdns      = [for key in keys(netlify_dns_record.dcv) : certops_dcv_records.this.dns_records[key].fqdn]
}

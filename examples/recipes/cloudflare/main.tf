# Cloudflare, provider version 5. One resource a value, never proxied: a proxied record hides the token.

terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
    cloudflare = {
      source  = "cloudflare/cloudflare"
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
  description = "Ids of the zones, by zone name: lower-case, punycode, without a trailing dot."
  default = {
    "example.com" = "023e105f4ecef8ad9ca31a8372d0c353"
    "example.net" = "6f9c1d6a4b0e4d0f8a2b7c5e9d3f1a80"
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

resource "cloudflare_dns_record" "dcv" {
  for_each = certops_dcv_records.this.dns_records

  zone_id = var.zone_ids[each.value.zone]
  name    = each.value.fqdn
  type    = each.value.type
  content = each.value.value_quoted
  ttl     = 300
  proxied = false
}

resource "certops_dcv_validation" "this" {
  digicert_order_id = var.order_id
  record_fqdns      = [for key in keys(cloudflare_dns_record.dcv) : certops_dcv_records.this.dns_records[key].fqdn]
}

# Hetzner DNS, the older service. One resource a value; a CNAME target ends in a dot.

terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
    hetznerdns = {
      source  = "timohirt/hetznerdns"
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

variable "zone_ids" {
  type        = map(string)
  description = "Ids of the zones, by zone name: lower-case, punycode, without a trailing dot."
  default = {
    "example.com" = "aBcDeFgHiJkLmNoPqRsTuV"
    "example.net" = "bCdEfGhIjKlMnOpQrStUvW"
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

resource "hetznerdns_record" "dcv" {
  for_each = certops_dcv_records.this.dns_records

  zone_id = var.zone_ids[each.value.zone]
  name    = each.value.relative_name
  type    = each.value.type
  value   = each.value.value_dot
  ttl     = 300
}

resource "certops_dcv_validation" "this" {
  digicert_order_id = var.order_id
  record_fqdns      = [for key in keys(hetznerdns_record.dcv) : certops_dcv_records.this.dns_records[key].fqdn]
}

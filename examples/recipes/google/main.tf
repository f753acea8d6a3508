# Google Cloud DNS. Manages whole record sets and overwrites what it finds; names end in a dot, TXT values are quoted.

terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
    google = {
      source  = "hashicorp/google"
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

variable "managed_zones" {
  type        = map(string)
  description = "Names of the managed zones, by DNS zone."
  default = {
    "example.com" = "example-com"
    "example.net" = "example-net"
  }
}

data "certops_digicert_order_validation" "this" {
  order_id = var.order_id
}

resource "certops_dcv_records" "this" {
  domains  = var.domains
  sources  = [data.certops_digicert_order_validation.this.dns_records]
  statuses = [data.certops_digicert_order_validation.this.dcv_status]
  zones    = keys(var.managed_zones)

  # It is the only copy of the tokens.
  lifecycle {
    prevent_destroy = true
  }
}

resource "google_dns_record_set" "dcv" {
  for_each = certops_dcv_records.this.dns_record_sets

  managed_zone = var.managed_zones[each.value.zone]
  name         = each.value.fqdn_dot
  type         = each.value.type
  ttl          = 300
  rrdatas      = each.value.rdatas
}

resource "certops_dcv_validation" "this" {
  digicert_order_id = var.order_id
  record_fqdns      = [for key in keys(google_dns_record_set.dcv) : certops_dcv_records.this.dns_record_sets[key].fqdn]
}

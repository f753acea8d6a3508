# Publishes the records of order.tf at Google Cloud DNS.

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

variable "managed_zones" {
  type        = map(string)
  description = "Names of the managed zones, by DNS zone."
  default = {
    "example.com" = "example-com"
    "example.net" = "example-net"
  }
}

# For order.tf.
locals {
  zones        = keys(var.managed_zones)
  record_fqdns = [for key in keys(google_dns_record_set.dcv) : certops_dcv_records.this.dns_record_sets[key].fqdn]
}

resource "google_dns_record_set" "dcv" {
  for_each = certops_dcv_records.this.dns_record_sets

  managed_zone = var.managed_zones[each.value.zone]
  name         = each.value.fqdn_dot
  type         = each.value.type
  ttl          = 300
  rrdatas      = each.value.rdatas
}

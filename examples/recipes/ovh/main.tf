# Publishes the records of order.tf at OVHcloud.

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

variable "zones" {
  type        = set(string)
  description = "Zones at OVHcloud that hold the names."
  default     = ["example.com", "example.net"]
}

# For order.tf.
locals {
  zones        = var.zones
  record_fqdns = [for key in keys(ovh_domain_zone_record.dcv) : certops_dcv_records.this.dns_records[key].fqdn]
}

resource "ovh_domain_zone_record" "dcv" {
  for_each = certops_dcv_records.this.dns_records

  zone      = each.value.zone
  subdomain = trimprefix(each.value.relative_name, "@")
  fieldtype = each.value.type
  target    = each.value.value_dot
  ttl       = 300
}

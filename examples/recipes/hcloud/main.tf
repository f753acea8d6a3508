# Publishes the records of order.tf at Hetzner Cloud.

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

variable "zones" {
  type        = set(string)
  description = "Zones at Hetzner Cloud that hold the names."
  default     = ["example.com", "example.net"]
}

# For order.tf.
locals {
  zones        = var.zones
  record_fqdns = [for key in keys(hcloud_zone_rrset.dcv) : certops_dcv_records.this.dns_record_sets[key].fqdn]
}

resource "hcloud_zone_rrset" "dcv" {
  for_each = certops_dcv_records.this.dns_record_sets

  zone    = each.value.zone
  name    = each.value.relative_name
  type    = each.value.type
  ttl     = 300
  records = [for rdata in each.value.rdatas : { value = rdata }]
}

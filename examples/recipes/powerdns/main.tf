# Publishes the records of order.tf at PowerDNS.

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

variable "zones" {
  type        = set(string)
  description = "Zones at PowerDNS that hold the names."
  default     = ["example.com", "example.net"]
}

# For order.tf.
locals {
  zones        = var.zones
  record_fqdns = [for key in keys(powerdns_record.dcv) : certops_dcv_records.this.dns_record_sets[key].fqdn]
}

resource "powerdns_record" "dcv" {
  for_each = certops_dcv_records.this.dns_record_sets

  zone    = "${each.value.zone}."
  name    = each.value.fqdn_dot
  type    = each.value.type
  ttl     = 300
  records = each.value.rdatas
}

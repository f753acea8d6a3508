# Publishes the records of order.tf at DigitalOcean.

terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
    digitalocean = {
      source  = "digitalocean/digitalocean"
      version = ">= 2.0"
    }
  }
}

variable "zones" {
  type        = set(string)
  description = "Zones at DigitalOcean that hold the names."
  default     = ["example.com", "example.net"]
}

# For order.tf.
locals {
  zones        = var.zones
  record_fqdns = [for key in keys(digitalocean_record.dcv) : certops_dcv_records.this.dns_records[key].fqdn]
}

resource "digitalocean_record" "dcv" {
  for_each = certops_dcv_records.this.dns_records

  domain = each.value.zone
  name   = each.value.relative_name
  type   = each.value.type
  value  = each.value.value_dot
  ttl    = 300
}

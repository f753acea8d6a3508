# Publishes the records of order.tf at Gcore.

terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
    gcore = {
      source  = "G-Core/gcore"
      version = ">= 0.3, < 2.0"
    }
  }
}

variable "zones" {
  type        = set(string)
  description = "Zones at Gcore that hold the names."
  default     = ["example.com", "example.net"]
}

# For order.tf.
locals {
  zones        = var.zones
  record_fqdns = [for key in keys(gcore_dns_zone_record.dcv) : certops_dcv_records.this.dns_record_sets[key].fqdn]
}

resource "gcore_dns_zone_record" "dcv" {
  for_each = certops_dcv_records.this.dns_record_sets

  zone   = each.value.zone
  domain = each.value.fqdn
  type   = each.value.type
  ttl    = 300

  dynamic "resource_record" {
    for_each = each.value.type == "TXT" ? each.value.values : each.value.rdatas
    content {
      content = resource_record.value
    }
  }
}

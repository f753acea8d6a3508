# Publishes the records of order.tf at NS1 (IBM).

terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
    ns1 = {
      source  = "ns1-terraform/ns1"
      version = ">= 2.0"
    }
  }
}

variable "zones" {
  type        = set(string)
  description = "Zones at NS1 that hold the names."
  default     = ["example.com", "example.net"]
}

# For order.tf.
locals {
  zones        = var.zones
  record_fqdns = [for key in keys(ns1_record.dcv) : certops_dcv_records.this.dns_record_sets[key].fqdn]
}

resource "ns1_record" "dcv" {
  for_each = certops_dcv_records.this.dns_record_sets

  zone   = each.value.zone
  domain = each.value.fqdn
  type   = each.value.type
  ttl    = 300

  dynamic "answers" {
    for_each = each.value.values
    content {
      answer = answers.value
    }
  }
}

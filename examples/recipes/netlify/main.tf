# Publishes the records of order.tf at Netlify.

terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
    netlify = {
      source  = "netlify/netlify"
      version = ">= 0.2"
    }
  }
}

variable "zone_ids" {
  type        = map(string)
  description = "Ids of the DNS zones, by zone name: lower-case, punycode, without a trailing dot."
  default = {
    "example.com" = "5e8f1a2b3c4d5e6f7a8b9c0d"
    "example.net" = "6f9a2b3c4d5e6f7a8b9c0d1e"
  }
}

# For order.tf.
locals {
  zones        = keys(var.zone_ids)
  record_fqdns = [for key in keys(netlify_dns_record.dcv) : certops_dcv_records.this.dns_records[key].fqdn]
}

resource "netlify_dns_record" "dcv" {
  for_each = certops_dcv_records.this.dns_records

  zone_id  = var.zone_ids[each.value.zone]
  hostname = each.value.fqdn
  type     = each.value.type
  value    = each.value.value
  ttl      = 300
}

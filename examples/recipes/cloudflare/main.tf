# Publishes the records of order.tf at Cloudflare.

terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
    cloudflare = {
      source  = "cloudflare/cloudflare"
      version = ">= 5.0"
    }
  }
}

variable "zone_ids" {
  type        = map(string)
  description = "Ids of the zones, by zone name: lower-case, punycode, without a trailing dot."
  default = {
    "example.com" = "023e105f4ecef8ad9ca31a8372d0c353"
    "example.net" = "6f9c1d6a4b0e4d0f8a2b7c5e9d3f1a80"
  }
}

# For order.tf.
locals {
  zones        = keys(var.zone_ids)
  record_fqdns = [for key in keys(cloudflare_dns_record.dcv) : certops_dcv_records.this.dns_records[key].fqdn]
}

resource "cloudflare_dns_record" "dcv" {
  for_each = certops_dcv_records.this.dns_records

  zone_id = var.zone_ids[each.value.zone]
  name    = each.value.fqdn
  type    = each.value.type
  content = each.value.value_quoted
  ttl     = 300
  proxied = false
}

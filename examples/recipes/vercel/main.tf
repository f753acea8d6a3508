# Publishes the records of order.tf at Vercel.

terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
    vercel = {
      source  = "vercel/vercel"
      version = ">= 1.0"
    }
  }
}

variable "zones" {
  type        = set(string)
  description = "Zones at Vercel that hold the names."
  default     = ["example.com", "example.net"]
}

# For order.tf.
locals {
  zones        = var.zones
  record_fqdns = [for key in keys(vercel_dns_record.dcv) : certops_dcv_records.this.dns_records[key].fqdn]
}

resource "vercel_dns_record" "dcv" {
  for_each = certops_dcv_records.this.dns_records

  domain = each.value.zone
  name   = trimprefix(each.value.relative_name, "@")
  type   = each.value.type
  value  = each.value.value
  ttl    = 300
}

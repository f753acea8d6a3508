# Publishes the records of order.tf at the older service Hetzner DNS.

terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
    hetznerdns = {
      source  = "timohirt/hetznerdns"
      version = ">= 2.0"
    }
  }
}

variable "zone_ids" {
  type        = map(string)
  description = "Ids of the zones, by zone name: lower-case, punycode, without a trailing dot."
  default = {
    "example.com" = "aBcDeFgHiJkLmNoPqRsTuV"
    "example.net" = "bCdEfGhIjKlMnOpQrStUvW"
  }
}

# For order.tf.
locals {
  zones        = keys(var.zone_ids)
  record_fqdns = [for key in keys(hetznerdns_record.dcv) : certops_dcv_records.this.dns_records[key].fqdn]
}

resource "hetznerdns_record" "dcv" {
  for_each = certops_dcv_records.this.dns_records

  zone_id = var.zone_ids[each.value.zone]
  name    = each.value.relative_name
  type    = each.value.type
  value   = each.value.value_dot
  ttl     = 300
}

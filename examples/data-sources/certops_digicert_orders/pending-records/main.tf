# Every record that any pending order needs, in one plan. A record goes when its order is no longer
# pending; certops_dcv_records keeps the records of names that you list.

terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "zone_ids" {
  type        = map(string)
  description = "Ids of the Route 53 hosted zones, by zone name: lower-case, punycode, without a trailing dot."
  default = {
    "example.com" = "Z0EXAMPLECOM"
    "example.net" = "Z0EXAMPLENET"
    "example.org" = "Z0EXAMPLEORG"
  }
}

data "certops_digicert_orders" "pending" {
  status             = "pending"
  include_validation = true
  zones              = keys(var.zone_ids)
}

resource "aws_route53_record" "dcv" {
  for_each = data.certops_digicert_orders.pending.dns_record_sets

  zone_id = var.zone_ids[each.value.zone]
  name    = each.value.fqdn
  type    = each.value.type
  ttl     = 300
  records = each.value.values
}

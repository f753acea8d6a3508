# Publishes the records of order.tf at Amazon Route 53.

terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "zone_ids" {
  type        = map(string)
  description = "Ids of the hosted zones, by zone name: lower-case, punycode, without a trailing dot."
  default = {
    "example.com" = "Z0EXAMPLECOM"
    "example.net" = "Z0EXAMPLENET"
  }
}

# For order.tf.
locals {
  zones        = keys(var.zone_ids)
  record_fqdns = [for record in aws_route53_record.dcv : record.fqdn]
}

resource "aws_route53_record" "dcv" {
  for_each = certops_dcv_records.this.dns_record_sets

  zone_id = var.zone_ids[each.value.zone]
  name    = each.value.fqdn
  type    = each.value.type
  ttl     = 300
  records = each.value.values
}

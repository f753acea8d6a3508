# An order that is validated already, and whose records are in DNS: DigiCert returns no token for it
# any more.
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

data "certops_digicert_order_validation" "shop" {
  order_id = "20001"
}

resource "certops_dcv_records" "shop" {
  domains = ["example.com", "*.example.com", "www.example.com", "shop.example.net"]
  sources = [
    # What stands in DNS today. This element can go once it is applied.
    {
      "example.com"      = provider::certops::dns_record("CNAME", "_dnsauth.example.com", "x9Kq.dcv.digicert.com")
      "www.example.com"  = provider::certops::dns_record("CNAME", "_dnsauth.www.example.com", "t7Rw.dcv.digicert.com")
      "shop.example.net" = provider::certops::dns_record("TXT", "_dnsauth.shop.example.net", "p2Lm")
    },
    data.certops_digicert_order_validation.shop.dns_records,
  ]
  statuses = [data.certops_digicert_order_validation.shop.dcv_status]
  zones    = ["example.com", "example.net"]

  lifecycle {
    prevent_destroy = true
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

# The records themselves, imported without typing an address. The block can go once it is applied.
import {
  for_each = certops_dcv_records.shop.dns_record_sets
  to       = aws_route53_record.dcv[each.key]
  id       = "${var.zone_ids[each.value.zone]}_${each.value.fqdn}_${each.value.type}"
}

resource "aws_route53_record" "dcv" {
  for_each = certops_dcv_records.shop.dns_record_sets

  zone_id = var.zone_ids[each.value.zone]
  name    = each.value.fqdn
  type    = each.value.type
  ttl     = 300
  records = each.value.values
}

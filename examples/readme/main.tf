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
  description = "Ids of the Route 53 hosted zones, by zone name."
  default = {
    "example.com" = "Z0EXAMPLECOM"
    "example.net" = "Z0EXAMPLENET"
  }
}

data "certops_digicert_order_validation" "shop" {
  order_id = "20001"
}

resource "certops_dcv_records" "shop" {
  domains  = ["example.com", "*.example.com", "www.example.com", "shop.example.net"]
  sources  = [data.certops_digicert_order_validation.shop.dns_records]
  statuses = [data.certops_digicert_order_validation.shop.dcv_status]
  zones    = keys(var.zone_ids)

  # It is the only copy of the tokens.
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_route53_record" "dcv" {
  for_each = certops_dcv_records.shop.dns_record_sets

  zone_id = var.zone_ids[each.value.zone]
  name    = each.value.fqdn
  type    = each.value.type
  records = each.value.values
  ttl     = 300
}

resource "certops_dcv_validation" "shop" {
  digicert_order_id = "20001"
  record_fqdns      = [for r in aws_route53_record.dcv : r.fqdn]
}

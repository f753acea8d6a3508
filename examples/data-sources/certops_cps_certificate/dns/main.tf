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
  }
}

data "certops_cps_certificate" "example" {
  certificate_id = 40001
}

# Keeps the records when the certificate authority stops returning them.
resource "certops_dcv_records" "example" {
  domains  = ["cdn.example.com", "cdn.example.net"]
  sources  = [data.certops_cps_certificate.example.dns_records]
  statuses = [data.certops_cps_certificate.example.dcv_status]
  zones    = keys(var.zone_ids)
}

resource "aws_route53_record" "dcv" {
  for_each = certops_dcv_records.example.dns_record_sets

  zone_id = var.zone_ids[each.value.zone]
  name    = each.value.fqdn
  type    = each.value.type
  ttl     = 300
  records = each.value.values
}

# Validates a domain before any certificate is ordered for it.

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

variable "zone_id" {
  type        = string
  description = "Id of the Route 53 hosted zone of example.net."
  default     = "Z0EXAMPLENET"
}

data "certops_digicert_domain" "example" {
  name = "shop.example.net"
}

# Keeps the record when DigiCert stops returning it.
resource "certops_dcv_records" "example" {
  domains  = [data.certops_digicert_domain.example.name]
  sources  = [data.certops_digicert_domain.example.dns_records]
  statuses = [data.certops_digicert_domain.example.dcv_status]
}

resource "aws_route53_record" "dcv" {
  for_each = certops_dcv_records.example.dns_record_sets

  zone_id = var.zone_id
  name    = each.value.fqdn
  type    = each.value.type
  ttl     = 300
  records = each.value.values
}

# Every record that any pending order at any vendor needs, in one plan. A record goes when its order
# is no longer pending; certops_dcv_records keeps the records of names that you list.

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

data "certops_processes" "pending" {
  status       = "SUSPENDED"
  include_info = true
  zones        = keys(var.zone_ids)
}

data "certops_cps_certificates" "all" {
  include_status = false
  zones          = keys(var.zone_ids)
}

data "certops_digicert_orders" "pending" {
  status             = "pending"
  include_validation = true
  zones              = keys(var.zone_ids)
}

locals {
  record_sets = concat(
    values(data.certops_processes.pending.dns_record_sets),
    values(data.certops_cps_certificates.all.dns_record_sets),
    values(data.certops_digicert_orders.pending.dns_record_sets),
  )
  # Two vendors can ask for different values of one name and type. Certificates at CPS are listed
  # whatever their status.
  by_name = { for set in local.record_sets : "${set.fqdn} ${set.type}" => set... if set.status != "validated" }
}

resource "aws_route53_record" "dcv" {
  for_each = local.by_name

  zone_id = var.zone_ids[each.value[0].zone]
  name    = each.value[0].fqdn
  type    = each.value[0].type
  ttl     = 300
  records = distinct(flatten(each.value[*].values))
}

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

data "certops_digicert_order_validation" "example" {
  order_id = "20001"
}

resource "certops_dcv_records" "example" {
  domains  = ["example.com", "*.example.com", "www.example.com", "shop.example.net"]
  sources  = [data.certops_digicert_order_validation.example.dns_records]
  statuses = [data.certops_digicert_order_validation.example.dcv_status]

  # It is the only copy of the tokens.
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_route53_record" "dcv" {
  for_each = certops_dcv_records.example.dns_record_sets

  zone_id = "Z0EXAMPLECOM"
  name    = each.value.fqdn
  type    = each.value.type
  ttl     = 300
  records = each.value.values
}

# One trigger for all records: it changes when Terraform has changed one of them.
resource "terraform_data" "published" {
  triggers_replace = { for key, record in aws_route53_record.dcv : key => record.records }

  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.certops_dns_check.published]
    }
  }
}

# Name servers may need minutes to show a new record, so `missing` is reported only. Waiting does not
# repair the others.
action "certops_dns_check" "published" {
  config {
    dns_records = certops_dcv_records.example.dns_records
    fail_on = [
      "wrong_value", "shadowed_by_cname", "blocked_by_other_records", "not_delegated", "bogus",
      "forbidden",
    ]
  }
}

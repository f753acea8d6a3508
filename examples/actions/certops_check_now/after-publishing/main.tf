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

# Stands in for a DNS resource.
resource "terraform_data" "dns_record" {
  for_each = certops_dcv_records.example.dns_record_sets

  input = each.value.rdatas
}

# One trigger for all records: the authority looks once, after the last of them is published.
resource "terraform_data" "published" {
  input = { for key, record in terraform_data.dns_record : key => record.output }

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.certops_check_now.example]
    }
  }
}

action "certops_check_now" "example" {
  config {
    digicert_order_id = data.certops_digicert_order_validation.example.order_id
  }
}

data "certops_process_info" "example" {
  process_id = 30001
}

# Looks at DNS first: a record that is missing fails the apply at once and not after two hours.
resource "certops_dcv_validation" "example" {
  process_id = data.certops_process_info.example.process_id

  timeouts = {
    create = "2h"
  }

  lifecycle {
    action_trigger {
      events  = [before_create]
      actions = [action.certops_dns_check.example]
    }
  }
}

action "certops_dns_check" "example" {
  config {
    dns_records = data.certops_process_info.example.dns_records
  }
}

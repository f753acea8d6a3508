# The records are published by hand or by another configuration: nothing to depend on, and nothing
# to check for completeness.
resource "certops_dcv_validation" "example" {
  process_id    = 30001
  poll_interval = "1m"

  timeouts = {
    create = "2h"
  }
}

output "validated_domains" {
  value = certops_dcv_validation.example.validated_domains
}

data "certops_process_info" "example" {
  process_id = 30001
}

# terraform apply -invoke=action.certops_dns_check.example
action "certops_dns_check" "example" {
  config {
    dns_records = data.certops_process_info.example.dns_records
  }
}

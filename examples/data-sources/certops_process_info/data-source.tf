# The id is in the header X-Process-Id of the response to the order.
data "certops_process_info" "example" {
  process_id = 30001
}

output "waits_for_me" {
  value = data.certops_process_info.example.requires_attention
}

# Where the validation of each name stands, keyed by the name as ordered.
output "validation" {
  value = { for name, dcv in data.certops_process_info.example.dcv_status : name => dcv.status }
}

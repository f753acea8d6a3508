data "certops_digicert_order_validation" "example" {
  order_id = "20001"
}

# A Markdown table for a ticket: terraform output -raw records
output "records" {
  value = provider::certops::records_table(data.certops_digicert_order_validation.example.dns_records)
}

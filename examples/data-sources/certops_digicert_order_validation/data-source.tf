data "certops_digicert_order_validation" "example" {
  order_id = "20001"
}

output "order_status" {
  value = data.certops_digicert_order_validation.example.order_status
}

# The same question for every vendor: is any name still open?
check "validated" {
  assert {
    condition = data.certops_digicert_order_validation.example.dcv_complete
    error_message = join(" ", concat(["Not validated yet:"], [
      for name, dcv in data.certops_digicert_order_validation.example.dcv_status : "${name} (${dcv.status})"
      if dcv.status != "validated"
    ]))
  }
}

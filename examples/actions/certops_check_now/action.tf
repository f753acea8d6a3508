# terraform apply -invoke=action.certops_check_now.example
action "certops_check_now" "example" {
  config {
    digicert_order_id = "20001"
  }
}

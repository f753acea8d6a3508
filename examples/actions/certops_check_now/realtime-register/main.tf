# terraform apply -invoke=action.certops_check_now.example
action "certops_check_now" "example" {
  config {
    process_id = 30001
    domains    = ["example.com", "*.example.com"]
  }
}

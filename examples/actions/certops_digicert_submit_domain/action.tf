# terraform apply -invoke=action.certops_digicert_submit_domain.example
action "certops_digicert_submit_domain" "example" {
  config {
    name = "example.com"
  }
}

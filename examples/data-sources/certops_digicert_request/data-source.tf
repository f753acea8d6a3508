data "certops_digicert_request" "example" {
  request_id = 198
}

output "request" {
  value = {
    type      = data.certops_digicert_request.example.type
    status    = data.certops_digicert_request.example.status
    requester = data.certops_digicert_request.example.requester.email
  }
}

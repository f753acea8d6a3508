data "certops_digicert_requests" "pending" {
  status = "pending"
}

output "pending" {
  value = { for request in data.certops_digicert_requests.pending.requests : request.id => request.type }
}

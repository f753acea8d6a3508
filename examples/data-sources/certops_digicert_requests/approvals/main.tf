# Alerts when a request waits for an approval for more than three days.
data "certops_digicert_requests" "pending" {
  status = "pending"
}

locals {
  forgotten = [
    for request in data.certops_digicert_requests.pending.requests : request
    if timecmp(timeadd(request.date, "72h"), plantimestamp()) < 0
  ]
}

check "requests_are_approved" {
  assert {
    condition = length(local.forgotten) == 0
    error_message = join(" ", concat(["Waiting for more than three days:"], [
      for request in local.forgotten : "${request.id} (${request.type} by ${try(request.requester.email, "someone")})"
    ]))
  }
}

# Alerts when a request waits for an approval for more than three days.
data "certops_digicert_requests" "pending" {
  status = "pending"
}

locals {
  forgotten = [
    for request in data.certops_digicert_requests.pending.requests : request
    if try(timecmp(timeadd(request.date, "72h"), plantimestamp()) < 0, false)
  ]
}

check "requests_are_approved" {
  assert {
    condition = length(local.forgotten) == 0
    error_message = join(" ", concat(["Waiting for more than three days:"], [
      for request in local.forgotten : "${request.id} (${coalesce(request.type, "request")} by ${try(request.requester.email, "someone")})"
    ]))
  }
}

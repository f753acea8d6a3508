# Alerts when the validation of a name on an issued certificate ends within 30 days, or has ended: a
# renewal then waits for DNS.
data "certops_digicert_orders" "issued" {
  status             = "issued"
  include_validation = true
}

locals {
  in_30_days = timeadd(plantimestamp(), "720h")
  ending = {
    for name, dcv in data.certops_digicert_orders.issued.dcv_status : name => coalesce(dcv.validated_until, dcv.status)
    # A date that cannot be read is shown rather than passed over.
    if dcv.validated_until == null ? dcv.status != "validated" : try(timecmp(dcv.validated_until, local.in_30_days) < 0, true)
  }
}

check "validations_last" {
  assert {
    condition = length(local.ending) == 0
    error_message = join(" ", concat(["Not validated for 30 days more:"], [
      for name, until in local.ending : "${name} (${until})"
    ]))
  }
}

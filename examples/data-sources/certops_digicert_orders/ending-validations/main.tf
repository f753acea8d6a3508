# Alerts when a validation ends within 30 days: a renewal after that waits for DNS again.
data "certops_digicert_orders" "issued" {
  status             = "issued"
  include_validation = true
}

locals {
  ending = {
    for name, dcv in data.certops_digicert_orders.issued.dcv_status : name => dcv.validated_until
    # A name that was never validated has no end of its validation.
    if try(timecmp(dcv.validated_until, timeadd(plantimestamp(), "720h")) < 0, false)
  }
}

check "validations_last" {
  assert {
    condition = length(local.ending) == 0
    error_message = join(" ", concat(["Validated for less than 30 days more:"], [
      for name, date in local.ending : "${name} until ${date}"
    ]))
  }
}

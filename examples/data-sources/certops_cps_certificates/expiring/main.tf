# Only the list itself: no request for each certificate.
data "certops_cps_certificates" "all" {
  include_status = false
  include_dcv    = false
}

locals {
  expiring = {
    for certificate in data.certops_cps_certificates.all.certificates :
    "${certificate.certificate_label} (${certificate.id})" => certificate.expiration_date
    # A certificate that is not issued yet has no expiration date.
    if try(timecmp(certificate.expiration_date, timeadd(plantimestamp(), "720h")) < 0, false)
  }
}

check "certificates_last" {
  assert {
    condition = length(local.expiring) == 0
    error_message = join(" ", concat(["Expiring within 30 days:"], [
      for certificate, date in local.expiring : "${certificate} on ${date}"
    ]))
  }
}

data "certops_cps_certificate" "example" {
  certificate_id = 40001
}

output "workflow" {
  value = {
    label              = data.certops_cps_certificate.example.certificate_label
    expires            = data.certops_cps_certificate.example.expiration_date
    status             = data.certops_cps_certificate.example.status.status
    requires_attention = data.certops_cps_certificate.example.status.requires_attention
  }
}

# Only the certificate request itself: one request to the API and not three.
data "certops_cps_certificate" "request_only" {
  certificate_id = 40001
  include_status = false
  include_dcv    = false
}

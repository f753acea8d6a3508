# Orders at different vendors, for different names and for the same ones, retained as one.
data "certops_process_info" "example" {
  process_id = 30001
}

data "certops_cps_certificate" "example" {
  certificate_id = 40001
}

resource "certops_dcv_records" "example" {
  domains  = ["example.com", "*.example.com", "www.example.net", "cdn.example.com", "cdn.example.net"]
  sources  = [data.certops_process_info.example.dns_records, data.certops_cps_certificate.example.dns_records]
  statuses = [data.certops_process_info.example.dcv_status, data.certops_cps_certificate.example.dcv_status]
}

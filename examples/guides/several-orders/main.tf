# All orders of an estate, at every vendor, over all its zones: one module, one certops_dcv_records.
variable "digicert_order_ids" {
  type    = set(string)
  default = ["20001", "20002"]
}

variable "process_ids" {
  type    = set(string)
  default = ["30001"]
}

variable "cps_certificate_ids" {
  type    = set(string)
  default = ["40001"]
}

variable "names" {
  type        = list(string)
  description = "Names on all the certificates, as ordered."
  default = [
    "example.com", "*.example.com", "www.example.com", "shop.example.net", "app.example.org", "api.example.org",
    "www.example.net", "cdn.example.com", "cdn.example.net",
  ]
}

data "certops_digicert_order_validation" "all" {
  for_each = var.digicert_order_ids
  order_id = each.key
}

data "certops_process_info" "all" {
  for_each   = var.process_ids
  process_id = each.key
}

data "certops_cps_certificate" "all" {
  for_each       = var.cps_certificate_ids
  certificate_id = each.key
}

resource "certops_dcv_records" "all" {
  domains = var.names
  sources = concat(
    [for order in data.certops_digicert_order_validation.all : order.dns_records],
    [for process in data.certops_process_info.all : process.dns_records],
    [for certificate in data.certops_cps_certificate.all : certificate.dns_records],
  )
  statuses = concat(
    [for order in data.certops_digicert_order_validation.all : order.dcv_status],
    [for process in data.certops_process_info.all : process.dcv_status],
    [for certificate in data.certops_cps_certificate.all : certificate.dcv_status],
  )
  zones = ["example.com", "example.net", "example.org"]

  lifecycle {
    prevent_destroy = true
  }
}

# Stands in for your DNS resources: one for each record set, whichever orders it serves.
resource "terraform_data" "dns_record" {
  for_each = certops_dcv_records.all.dns_record_sets
  input    = "${each.value.relative_name} in ${each.value.zone}: ${each.value.type} ${join(" ", each.value.rdatas)}"
}

output "published" {
  value = { for key, record in terraform_data.dns_record : key => record.output }
}

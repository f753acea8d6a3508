# Another team publishes the records: the first apply hands them over, the second one waits.
variable "wait" {
  type        = bool
  description = "Set this to true once the records are published."
  default     = false
}

data "certops_digicert_order_validation" "shop" {
  order_id = "20001"
}

resource "certops_dcv_records" "shop" {
  domains  = ["example.com", "*.example.com", "www.example.com", "shop.example.net"]
  sources  = [data.certops_digicert_order_validation.shop.dns_records]
  statuses = [data.certops_digicert_order_validation.shop.dcv_status]
  zones    = ["example.com", "example.net"]

  # It is the only copy of the tokens.
  lifecycle {
    prevent_destroy = true
  }
}

# For a ticket: terraform output -raw ticket
output "ticket" {
  value = provider::certops::records_table(certops_dcv_records.shop.dns_records)
}

# For a name server: terraform output -json zone_files
output "zone_files" {
  value = {
    for zone in ["example.com", "example.net"] : zone => provider::certops::zone_file(
      { for key, record in certops_dcv_records.shop.dns_records : key => record if record.zone == zone }, 300
    )
  }
}

# Looks at DNS at every plan, and waits for nothing.
data "certops_dns_check" "shop" {
  dns_records = certops_dcv_records.shop.dns_records
}

output "not_published_yet" {
  value = { for key, result in data.certops_dns_check.shop.results : key => result.message if result.status != "published" }
}

resource "certops_dcv_validation" "shop" {
  count             = var.wait ? 1 : 0
  digicert_order_id = "20001"
}

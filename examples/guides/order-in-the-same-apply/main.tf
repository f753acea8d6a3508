variable "names" {
  type        = set(string)
  description = "Names on the certificate."
  default     = ["example.com", "*.example.com", "www.example.com", "shop.example.net"]
}

# Stands in for whatever places the order. Its result is unknown until it is created.
resource "terraform_data" "order" {
  input = "20001"
}

data "certops_digicert_order_validation" "example" {
  order_id = terraform_data.order.output
}

# The keys come from the names, so the DNS resources can be planned before there is an order.
resource "certops_dcv_records" "example" {
  domains  = var.names
  sources  = [data.certops_digicert_order_validation.example.dns_records]
  statuses = [data.certops_digicert_order_validation.example.dcv_status]
  zones    = ["example.com", "example.net"]

  # It is the only copy of the tokens.
  lifecycle {
    prevent_destroy = true
  }
}

# Stands in for a DNS resource.
resource "terraform_data" "dns_record" {
  for_each = certops_dcv_records.example.dns_record_sets

  input = "${each.value.fqdn} ${each.value.type} ${one(each.value.rdatas)}"
}

output "published" {
  value = { for domain, record in terraform_data.dns_record : domain => record.output }
}

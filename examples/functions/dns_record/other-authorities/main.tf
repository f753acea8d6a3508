# The records of another certificate authority, retained and published with those of an order. The
# value is known only after apply; type and owner name are known when Terraform plans.
resource "terraform_data" "certificate" {
  input = {
    name  = "_a79865eb4cd1a6ab990a45779b4e0b96.shop.example.net."
    value = "_424c7224e9b0146f9a8808af955727d0.acm-validations.aws."
  }
}

data "certops_digicert_order_validation" "example" {
  order_id = "20001"
}

resource "certops_dcv_records" "example" {
  domains = ["example.com", "*.example.com", "www.example.com", "shop.example.net"]
  sources = [
    data.certops_digicert_order_validation.example.dns_records,
    {
      "shop.example.net" = provider::certops::dns_record("CNAME", "_a79865eb4cd1a6ab990a45779b4e0b96.shop.example.net", terraform_data.certificate.output.value)
    },
  ]
  statuses = [data.certops_digicert_order_validation.example.dcv_status]
}

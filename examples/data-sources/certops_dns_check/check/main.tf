data "certops_digicert_order_validation" "example" {
  order_id = "20001"
}

resource "certops_dcv_records" "example" {
  domains  = ["example.com", "*.example.com", "www.example.com", "shop.example.net"]
  sources  = [data.certops_digicert_order_validation.example.dns_records]
  statuses = [data.certops_digicert_order_validation.example.dcv_status]
}

# Looks at every plan and apply, and warns without stopping either.
check "dcv_records_are_published" {
  data "certops_dns_check" "example" {
    dns_records = certops_dcv_records.example.dns_records
    timeout     = "10s"
  }

  assert {
    condition = data.certops_dns_check.example.ready
    error_message = join("\n", [
      for domain, result in data.certops_dns_check.example.results : "${domain}: ${result.message}"
      if result.status != "published" || result.caa == "forbidden" || result.dnssec == "bogus"
    ])
  }
}

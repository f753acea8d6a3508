# What a mocked certops answers.

mock_data "certops_digicert_order_validation" {
  defaults = {
    order_status = "pending"
    dcv_complete = false
    dns_records = {
      "example.com" = {
        type          = "CNAME"
        fqdn          = "_dnsauth.example.com"
        fqdn_dot      = "_dnsauth.example.com."
        zone          = null
        relative_name = null
        value         = "x9kq.dcv.digicert.com"
        value_dot     = "x9kq.dcv.digicert.com."
        value_quoted  = "x9kq.dcv.digicert.com"
        rdata         = "x9kq.dcv.digicert.com."
        domains       = ["*.example.com", "example.com"]
        status        = "pending"
        expires_at    = "2030-01-31T00:00:00Z"
      }
      "shop.example.net" = {
        type          = "TXT"
        fqdn          = "_dnsauth.shop.example.net"
        fqdn_dot      = "_dnsauth.shop.example.net."
        zone          = null
        relative_name = null
        value         = "s3cRet"
        value_dot     = "s3cRet"
        value_quoted  = "\"s3cRet\""
        rdata         = "\"s3cRet\""
        domains       = ["shop.example.net"]
        status        = "pending"
        expires_at    = "2030-01-31T00:00:00Z"
      }
    }
  }
}

# A mocked resource computes nothing, so its results stand here as well. They hold during plan
# already (Terraform 1.11), as the keys of the real resource do.
mock_resource "certops_dcv_records" {
  override_during = plan
  defaults = {
    scope          = "fqdn"
    on_missing     = "error"
    without_record = {}
    dns_record_sets = {
      "example.com" = {
        type          = "CNAME"
        fqdn          = "_dnsauth.example.com"
        fqdn_dot      = "_dnsauth.example.com."
        zone          = "example.com"
        relative_name = "_dnsauth"
        values        = ["x9kq.dcv.digicert.com"]
        rdatas        = ["x9kq.dcv.digicert.com."]
        domains       = ["*.example.com", "example.com"]
        status        = "pending"
        expires_at    = "2030-01-31T00:00:00Z"
      }
    }
  }
}

mock_resource "certops_dcv_validation" {
  defaults = {
    status            = "validated"
    validated_until   = "2030-12-31T00:00:00Z"
    validated_domains = ["*.example.com", "example.com"]
  }
}

# Runs certops itself with the data source overridden: no account, no network, and
# certops_dcv_records works for real.

override_data {
  target = data.certops_digicert_order_validation.this
  values = {
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

# Waiting would ask the vendor.
override_resource {
  target = certops_dcv_validation.this
}

run "publishes_a_record_for_every_domain" {
  assert {
    condition     = toset(keys(output.dns_records)) == toset(["example.com", "shop.example.net"])
    error_message = "The wildcard and its apex share one record, shop.example.net has its own."
  }

  assert {
    condition = output.dns_records["example.com"] == {
      zone    = "example.com"
      name    = "_dnsauth"
      type    = "CNAME"
      records = tolist(["x9kq.dcv.digicert.com."])
    }
    error_message = "The CNAME record of example.com is wrong."
  }

  assert {
    condition = output.dns_records["shop.example.net"] == {
      zone    = "example.net"
      name    = "_dnsauth.shop"
      type    = "TXT"
      records = tolist(["\"s3cRet\""])
    }
    error_message = "The TXT record of shop.example.net is wrong."
  }
}

run "keeps_the_records_after_validation" {
  override_data {
    target = data.certops_digicert_order_validation.this
    values = {
      dns_records = {}
    }
  }

  assert {
    condition     = output.dns_records["example.com"].records == tolist(["x9kq.dcv.digicert.com."])
    error_message = "The record must survive the authority's forgetting it."
  }
}

run "follows_a_new_token" {
  override_data {
    target = data.certops_digicert_order_validation.this
    values = {
      dns_records = {
        "example.com" = {
          type          = "CNAME"
          fqdn          = "_dnsauth.example.com"
          fqdn_dot      = "_dnsauth.example.com."
          zone          = null
          relative_name = null
          value         = "y2zz.dcv.digicert.com"
          value_dot     = "y2zz.dcv.digicert.com."
          value_quoted  = "y2zz.dcv.digicert.com"
          rdata         = "y2zz.dcv.digicert.com."
          domains       = ["*.example.com", "example.com"]
          status        = "pending"
          expires_at    = "2030-01-31T00:00:00Z"
        }
      }
    }
  }

  assert {
    condition     = output.dns_records["example.com"].records == tolist(["y2zz.dcv.digicert.com."])
    error_message = "The record must follow the new token."
  }

  assert {
    condition     = output.dns_records["shop.example.net"].records == tolist(["\"s3cRet\""])
    error_message = "The other record must stay as it was."
  }
}

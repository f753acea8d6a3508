# OpenTofu reads this file in place of mocked.tftest.hcl, and Terraform ignores it.
# The results of a mocked resource hold during plan already, as the keys of the real resource do.

mock_provider "certops" {
  mock_resource "certops_dcv_records" {
    defaults = {
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
      status = "validated"
    }
  }
}

run "publishes_what_certops_says" {
  assert {
    condition     = output.dns_records["example.com"].records == tolist(["x9kq.dcv.digicert.com."])
    error_message = "The record of example.com is wrong."
  }

  assert {
    condition     = certops_dcv_validation.this.status == "validated"
    error_message = "The mocked validation holds."
  }
}

# Replaces certops as a whole by the answers of mocks/certops.tfmock.hcl.

mock_provider "certops" {
  source = "./mocks"
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

terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
  }
}

data "digicert_order_validation" "example" {
  provider = certops

  order_id = "20001"
}

data "digicert_request" "example" {
  provider = certops

  request_id = 198
}

data "cps_certificate" "example" {
  provider = certops

  certificate_id = 40001
}

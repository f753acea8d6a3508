import {
  to = certops_dcv_validation.example
  identity = {
    service = "realtime_register"
    id      = "30001"
  }
}

resource "certops_dcv_validation" "example" {
  process_id = 30001
}

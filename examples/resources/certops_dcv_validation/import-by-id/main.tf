import {
  to = certops_dcv_validation.example
  id = "realtime_register/30001"
}

resource "certops_dcv_validation" "example" {
  process_id = 30001
}

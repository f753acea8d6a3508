list "certops_dcv_validation" "open" {
  provider = certops
}

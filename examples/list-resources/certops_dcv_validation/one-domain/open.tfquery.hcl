list "certops_dcv_validation" "shop" {
  provider = certops
  limit    = 1000

  config {
    service = "digicert"
    domain  = "shop.example.net"
  }
}

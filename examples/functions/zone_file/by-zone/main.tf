data "certops_digicert_order_validation" "example" {
  order_id = "20001"
  zones    = ["example.com", "example.net"]
}

# The text to paste into each zone file, by zone.
output "zone_files" {
  value = {
    for zone in ["example.com", "example.net"] : zone => provider::certops::zone_file({
      for key, record in data.certops_digicert_order_validation.example.dns_records : key => record
      if record.zone == zone
    }, 300)
  }
}

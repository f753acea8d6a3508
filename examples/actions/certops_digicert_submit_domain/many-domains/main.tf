variable "domain_ids" {
  type        = map(string)
  description = "Ids of the domains, by name."
  default = {
    "example.com"     = "20001001"
    "www.example.com" = "20001002"
  }
}

# terraform apply -invoke='action.certops_digicert_submit_domain.example["example.com"]'
action "certops_digicert_submit_domain" "example" {
  for_each = var.domain_ids

  config {
    domain_id        = each.value
    dcv_method       = "dns-cname-token"
    validation_types = ["ov", "ev"]
    renew_within     = "720h"
  }
}

# Three orders at three vendors, over two DNS zones: every record that proves control of a domain is published, and every
# validation awaited, in one apply. demo/run.sh runs it against the simulator.

terraform {
  required_version = ">= 1.8"
  required_providers {
    certops = {
      source = "certops/certops"
    }
    # Stands in for your own DNS provider; the recipes in the documentation show fourteen of them.
    sandboxdns = {
      source = "certops/sandboxdns"
    }
  }
}

# Addresses and keys come from the environment, see demo/run.sh.
provider "certops" {}
provider "sandboxdns" {}

variable "sabotage" {
  description = "A domain to publish a wrong record for, to see what the waiter says."
  type        = string
  default     = ""
}

variable "patience" {
  description = "How long to wait for the validation of process 30001."
  type        = string
  default     = "2m"
}

locals {
  zones = ["example.com", "example.net"]
}

# What the vendors ask for.

data "certops_digicert_order_validation" "shop" {
  order_id = "20001"
}

data "certops_process_info" "www" {
  process_id = 30001
}

data "certops_cps_certificate" "cdn" {
  certificate_id = 40001
}

# The records, kept when the vendors forget their tokens. The keys come from the names, which are known at plan.

resource "certops_dcv_records" "shop" {
  domains = ["example.com", "*.example.com", "www.example.com", "shop.example.net"]
  source  = data.certops_digicert_order_validation.shop.dns_records
  zones   = local.zones
}

resource "certops_dcv_records" "www" {
  domains = ["example.com", "*.example.com", "www.example.net"]
  source  = data.certops_process_info.www.dns_records
  zones   = local.zones
}

resource "certops_dcv_records" "cdn" {
  domains = ["cdn.example.com", "cdn.example.net"]
  source  = data.certops_cps_certificate.cdn.dns_records
  zones   = local.zones
}

locals {
  orders = {
    "DigiCert order 20001"            = certops_dcv_records.shop.dns_record_sets
    "Realtime Register process 30001" = certops_dcv_records.www.dns_record_sets
    "CPS certificate 40001"           = certops_dcv_records.cdn.dns_record_sets
  }
  rrsets = merge([for order, sets in local.orders : { for domain, set in sets : "${order}: ${domain}" => merge(set, { domain = domain }) }]...)
}

# The records in DNS.

resource "sandboxdns_record_set" "dcv" {
  for_each = local.rrsets

  zone   = each.value.zone
  name   = each.value.relative_name
  type   = each.value.type
  ttl    = 60
  rdatas = each.value.domain != var.sabotage ? each.value.rdatas : each.value.type == "TXT" ? ["\"oops\""] : ["oops.example.org."]
}

# The validations.

locals {
  published = [for r in sandboxdns_record_set.dcv : r.name == "@" ? r.zone : "${r.name}.${r.zone}"]
}

resource "certops_dcv_validation" "shop" {
  digicert_order_id = "20001"
  record_fqdns      = local.published
  poll_interval     = "1s"
  timeouts          = { create = "2m" }
}

resource "certops_dcv_validation" "www" {
  process_id    = 30001
  record_fqdns  = local.published
  poll_interval = "1s"
  timeouts      = { create = var.patience }
}

resource "certops_dcv_validation" "cdn" {
  cps_certificate_id = 40001
  record_fqdns       = local.published
  poll_interval      = "1s"
  timeouts           = { create = "2m" }
}

# What came of it.

output "published" {
  description = "The records in DNS."
  value       = { for key, r in sandboxdns_record_set.dcv : key => "${r.name} in ${r.zone}: ${r.type} ${join(" ", r.rdatas)}" }
}

output "validated" {
  description = "The validated names, by order."
  value = {
    "DigiCert order 20001"            = certops_dcv_validation.shop.validated_domains
    "Realtime Register process 30001" = certops_dcv_validation.www.validated_domains
    "CPS certificate 40001"           = certops_dcv_validation.cdn.validated_domains
  }
}

output "summary" {
  description = "Both, for people."
  value = join("\n", concat(
    ["Published in ${length(local.zones)} zones:"],
    [for key, r in sandboxdns_record_set.dcv : format("  %-50s %-5s %s", r.name == "@" ? r.zone : "${r.name}.${r.zone}", r.type, join(" ", r.rdatas))],
    ["", "Validated:"],
    [for order, names in {
      "DigiCert order 20001"            = certops_dcv_validation.shop.validated_domains
      "Realtime Register process 30001" = certops_dcv_validation.www.validated_domains
      "CPS certificate 40001"           = certops_dcv_validation.cdn.validated_domains
    } : format("  %-32s %s", order, join(", ", names))],
  ))
}

# Four orders at three vendors, over two DNS zones: every record that proves control of a domain is published, and every
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

variable "digicert_orders" {
  description = "Ids of the DigiCert orders."
  type        = set(string)
  default     = ["20001", "51001"]
}

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
  names = [
    "example.com", "*.example.com", "www.example.com", "shop.example.net", # DigiCert order 20001
    "pay.example.com", "old.example.com",                                  # DigiCert order 51001; old.example.com is validated beforehand
    "www.example.net",                                                     # Realtime Register, with example.com and *.example.com
    "cdn.example.com", "cdn.example.net",                                  # Edgecast CPS
  ]
}

# What the vendors ask for.

data "certops_digicert_order_validation" "all" {
  for_each = var.digicert_orders
  order_id = each.key
}

data "certops_process_info" "www" {
  process_id = 30001
}

data "certops_cps_certificate" "cdn" {
  certificate_id = 40001
}

# The records of all orders, retained when the vendors forget their tokens. The keys come from the names, which are known
# at plan.

resource "certops_dcv_records" "all" {
  domains = local.names
  sources = concat(
    [for order in data.certops_digicert_order_validation.all : order.dns_records],
    [data.certops_process_info.www.dns_records, data.certops_cps_certificate.cdn.dns_records],
  )
  statuses = concat(
    [for order in data.certops_digicert_order_validation.all : order.dcv_status],
    [data.certops_process_info.www.dcv_status, data.certops_cps_certificate.cdn.dcv_status],
  )
  zones = local.zones

  lifecycle {
    prevent_destroy = true
  }
}

# The records in DNS.

resource "sandboxdns_record_set" "dcv" {
  for_each = certops_dcv_records.all.dns_record_sets

  zone   = each.value.zone
  name   = each.value.relative_name
  type   = each.value.type
  ttl    = 60
  rdatas = each.key != var.sabotage ? each.value.rdatas : each.value.type == "TXT" ? ["\"oops\""] : ["oops.example.org."]
}

# The validations.

locals {
  published = [for r in sandboxdns_record_set.dcv : r.name == "@" ? r.zone : "${r.name}.${r.zone}"]
}

resource "certops_dcv_validation" "digicert" {
  for_each = var.digicert_orders

  digicert_order_id = each.key
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

output "without_record" {
  description = "The names that need no DNS record, and why."
  value       = certops_dcv_records.all.without_record
}

locals {
  validated = merge(
    { for id, order in certops_dcv_validation.digicert : "DigiCert order ${id}" => order.validated_domains },
    {
      "Realtime Register process 30001" = certops_dcv_validation.www.validated_domains
      "CPS certificate 40001"           = certops_dcv_validation.cdn.validated_domains
    },
  )
}

output "summary" {
  description = "The published records and the validated names, for people."
  value = join("\n", concat(
    ["Published in ${length(local.zones)} zones:"],
    [for key, r in sandboxdns_record_set.dcv : format("  %-50s %-5s %s", r.name == "@" ? r.zone : "${r.name}.${r.zone}", r.type, join(" ", r.rdatas))],
    ["", "Validated:"],
    [for order, names in local.validated : format("  %-32s %s", order, join(", ", names))],
  ))
}

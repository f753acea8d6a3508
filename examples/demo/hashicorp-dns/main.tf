# The orders of certops-sandbox that wait for records, at all three vendors and over two zones,
# published on its DNS server by hashicorp/dns.

terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
    dns = {
      source  = "hashicorp/dns"
      version = ">= 3.2"
    }
  }
}

# Endpoints and credentials come from the environment: certops-sandbox -env FILE writes them.
provider "certops" {}

# DNS_UPDATE_SERVER, DNS_UPDATE_PORT, DNS_UPDATE_KEYNAME, DNS_UPDATE_KEYALGORITHM and
# DNS_UPDATE_KEYSECRET.
provider "dns" {}

locals {
  zones = ["example.com", "example.net"]
}

data "certops_process_info" "this" {
  process_id = 30001
}

data "certops_cps_certificate" "this" {
  certificate_id = 40001
}

data "certops_digicert_order_validation" "this" {
  order_id = "20001"
}

resource "certops_dcv_records" "process" {
  domains  = ["example.com", "*.example.com", "www.example.net"]
  sources  = [data.certops_process_info.this.dns_records]
  statuses = [data.certops_process_info.this.dcv_status]
  zones    = local.zones
}

resource "certops_dcv_records" "cps" {
  domains  = ["cdn.example.com", "cdn.example.net"]
  sources  = [data.certops_cps_certificate.this.dns_records]
  statuses = [data.certops_cps_certificate.this.dcv_status]
  zones    = local.zones
}

resource "certops_dcv_records" "digicert" {
  domains  = ["example.com", "*.example.com", "www.example.com", "shop.example.net"]
  sources  = [data.certops_digicert_order_validation.this.dns_records]
  statuses = [data.certops_digicert_order_validation.this.dcv_status]
  zones    = local.zones
}

# Two vendors may ask for a record for the same domain, so the vendor is part of the key. The orders
# exist before the first plan, which therefore knows the type of each record.
locals {
  sets = merge(
    { for key, set in certops_dcv_records.process.dns_record_sets : "process ${key}" => set },
    { for key, set in certops_dcv_records.cps.dns_record_sets : "cps ${key}" => set },
    { for key, set in certops_dcv_records.digicert.dns_record_sets : "digicert ${key}" => set },
  )
}

resource "dns_txt_record_set" "dcv" {
  for_each = { for key, set in local.sets : key => set if set.type == "TXT" }

  zone = "${each.value.zone}."
  name = each.value.relative_name == "@" ? null : each.value.relative_name
  ttl  = 60
  txt  = each.value.values
}

resource "dns_cname_record" "dcv" {
  for_each = { for key, set in local.sets : key => set if set.type == "CNAME" }

  zone  = "${each.value.zone}."
  name  = each.value.relative_name
  ttl   = 60
  cname = one(each.value.rdatas)
}

locals {
  published = [for key in concat(keys(dns_txt_record_set.dcv), keys(dns_cname_record.dcv)) : local.sets[key].fqdn]
}

resource "certops_dcv_validation" "process" {
  process_id   = 30001
  record_fqdns = local.published
}

resource "certops_dcv_validation" "cps" {
  cps_certificate_id = 40001
  record_fqdns       = local.published
}

resource "certops_dcv_validation" "digicert" {
  digicert_order_id = "20001"
  record_fqdns      = local.published
}

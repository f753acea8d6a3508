# Publishes the records of order.tf on DNS servers that take dynamic updates (RFC 2136), such as BIND.

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

variable "zones" {
  type        = set(string)
  description = "Zones at the DNS server that hold the names."
  default     = ["example.com", "example.net"]
}

variable "txt_domains" {
  type        = set(string)
  description = "Those of the domains, without \"*.\", that are validated by a TXT record. The others take a CNAME."
  default     = ["shop.example.net"]
}

# For order.tf.
locals {
  zones = var.zones
  record_fqdns = [
    for key in concat(keys(dns_txt_record_set.dcv), keys(dns_cname_record.dcv)) :
    certops_dcv_records.this.dns_record_sets[key].fqdn
  ]
}

# The server and its key come from DNS_UPDATE_SERVER, DNS_UPDATE_PORT, DNS_UPDATE_KEYNAME,
# DNS_UPDATE_KEYALGORITHM and DNS_UPDATE_KEYSECRET.
provider "dns" {}

# Only keys decide what is in each map: they are known at plan, even while the records are not.
locals {
  txt_sets = {
    for key, set in certops_dcv_records.this.dns_record_sets : key => set
    if contains(var.txt_domains, key)
  }
  cname_sets = {
    for key, set in certops_dcv_records.this.dns_record_sets : key => set
    if !contains(var.txt_domains, key)
  }
}

resource "dns_txt_record_set" "dcv" {
  for_each = local.txt_sets

  zone = "${each.value.zone}."
  name = each.value.relative_name == "@" ? null : each.value.relative_name
  ttl  = 300
  txt  = each.value.values

  lifecycle {
    precondition {
      condition     = each.value.type == "TXT"
      error_message = "The record of ${each.key} is no TXT record: take the domain out of txt_domains."
    }
  }
}

resource "dns_cname_record" "dcv" {
  for_each = local.cname_sets

  zone  = "${each.value.zone}."
  name  = each.value.relative_name
  ttl   = 300
  cname = one(each.value.rdatas)

  lifecycle {
    precondition {
      condition     = each.value.type == "CNAME"
      error_message = "The record of ${each.key} is no CNAME record: add the domain to txt_domains."
    }
  }
}

# Publishes the records of order.tf at Azure DNS.

terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
    azurerm = {
      source  = "hashicorp/azurerm"
      version = ">= 3.0"
    }
  }
}

variable "resource_groups" {
  type        = map(string)
  description = "Resource group of each DNS zone, by zone name."
  default = {
    "example.com" = "dns"
    "example.net" = "dns"
  }
}

variable "txt_domains" {
  type        = set(string)
  description = "Those of the domains, without \"*.\", that are validated by a TXT record. The others take a CNAME."
  default     = ["shop.example.net"]
}

# For order.tf.
locals {
  zones = keys(var.resource_groups)
  record_fqdns = [
    for key in concat(keys(azurerm_dns_txt_record.dcv), keys(azurerm_dns_cname_record.dcv)) :
    certops_dcv_records.this.dns_record_sets[key].fqdn
  ]
}

# The subscription and the credentials come from the environment: ARM_SUBSCRIPTION_ID, ARM_TENANT_ID
# and so on.
provider "azurerm" {
  features {}
}

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

resource "azurerm_dns_txt_record" "dcv" {
  for_each = local.txt_sets

  name                = each.value.relative_name
  zone_name           = each.value.zone
  resource_group_name = var.resource_groups[each.value.zone]
  ttl                 = 300

  dynamic "record" {
    for_each = each.value.values
    content {
      value = record.value
    }
  }

  lifecycle {
    precondition {
      condition     = each.value.type == "TXT"
      error_message = "The record of ${each.key} is no TXT record: take the domain out of txt_domains."
    }
  }
}

resource "azurerm_dns_cname_record" "dcv" {
  for_each = local.cname_sets

  name                = each.value.relative_name
  zone_name           = each.value.zone
  resource_group_name = var.resource_groups[each.value.zone]
  ttl                 = 300
  record              = one(each.value.values)

  lifecycle {
    precondition {
      condition     = each.value.type == "CNAME"
      error_message = "The record of ${each.key} is no CNAME record: add the domain to txt_domains."
    }
  }
}

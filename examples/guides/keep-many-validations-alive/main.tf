locals {
  names = toset(["example.com", "www.example.com"])
}

resource "terraform_data" "schedule" {
  for_each = local.names

  # Every day, so that a domain whose submission failed is submitted again the next day.
  input = formatdate("YYYY-MM-DD", plantimestamp())

  lifecycle {
    action_trigger {
      events  = [before_create, before_update]
      actions = [action.certops_digicert_submit_domain.example[each.key]]
    }
  }
}

action "certops_digicert_submit_domain" "example" {
  for_each = local.names

  config {
    name = each.key

    # One domain that fails is a warning, and the apply goes on with the others.
    fail_on_error = false
  }
}

data "certops_digicert_domain" "example" {
  for_each = local.names

  name       = each.key
  depends_on = [terraform_data.schedule]
}

resource "certops_dcv_records" "example" {
  domains  = local.names
  sources  = [for domain in data.certops_digicert_domain.example : domain.dns_records]
  statuses = [for domain in data.certops_digicert_domain.example : domain.dcv_status]
  zones    = ["example.com"]

  # It is the only copy of the tokens.
  lifecycle {
    prevent_destroy = true
  }
}

# Stands in for a DNS resource.
resource "terraform_data" "dns_record" {
  for_each = certops_dcv_records.example.dns_record_sets

  input = each.value.rdatas
}

# The key of a record is its domain, in lower case and punycode. A second record of a domain, such as that
# of another vendor, has the key "<domain>#2".
resource "terraform_data" "published" {
  for_each = local.names

  input = [for key, record in terraform_data.dns_record : record.output if split("#", key)[0] == each.key]

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.certops_check_now.example[each.key]]
    }
  }
}

action "certops_check_now" "example" {
  for_each = local.names

  config {
    digicert_domain_id = data.certops_digicert_domain.example[each.key].domain_id
  }
}

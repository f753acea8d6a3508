locals {
  name = "example.com"
}

# It changes once a month. Before it does, Terraform has the domain submitted.
resource "terraform_data" "schedule" {
  input = formatdate("YYYY-MM", plantimestamp())

  lifecycle {
    action_trigger {
      events  = [before_create, before_update]
      actions = [action.certops_digicert_submit_domain.example]
    }
  }
}

# It does nothing while the validation holds long enough.
action "certops_digicert_submit_domain" "example" {
  config {
    name = local.name
  }
}

# Reads the new token, when there is one.
data "certops_digicert_domain" "example" {
  name       = local.name
  depends_on = [terraform_data.schedule]
}

resource "certops_dcv_records" "example" {
  domains  = [local.name]
  sources  = [data.certops_digicert_domain.example.dns_records]
  statuses = [data.certops_digicert_domain.example.dcv_status]
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

# It changes when a record has changed. After that, Terraform has DigiCert look.
resource "terraform_data" "published" {
  input = { for key, record in terraform_data.dns_record : key => record.output }

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.certops_check_now.example]
    }
  }
}

action "certops_check_now" "example" {
  config {
    digicert_domain_id = data.certops_digicert_domain.example.domain_id
  }
}

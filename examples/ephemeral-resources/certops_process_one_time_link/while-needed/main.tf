data "certops_process_info" "this" {
  process_id = 2323533016
}

# The organization's validation is null where none is needed, and VALIDATED at the end.
ephemeral "certops_process_one_time_link" "this" {
  count = data.certops_process_info.this.validations.organization == "WAITING" ? 1 : 0

  process_id = data.certops_process_info.this.process_id
}

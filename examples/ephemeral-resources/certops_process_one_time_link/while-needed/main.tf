data "certops_process_info" "this" {
  process_id = 2323533016
}

# The organization's validation is null where none is needed. It is WAITING, or ATTENTION when you
# must act, and VALIDATED at the end.
ephemeral "certops_process_one_time_link" "this" {
  count = coalesce(data.certops_process_info.this.validations.organization, "VALIDATED") != "VALIDATED" ? 1 : 0

  process_id = data.certops_process_info.this.process_id
}

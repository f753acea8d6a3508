# Every order that waits for you, and what it waits for.
data "certops_processes" "waiting" {
  requires_attention = true
  include_info       = true
}

output "waiting" {
  value = {
    for process in data.certops_processes.waiting.processes :
    "${process.identifier} (${process.id})" => [for dcv in process.validations.dcv : "${dcv.common_name} (${dcv.status})"]
  }
}

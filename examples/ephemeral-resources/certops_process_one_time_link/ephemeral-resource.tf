variable "process_id" {
  description = "Id of the process that orders the certificate."
  type        = number
  default     = 2323533016
}

ephemeral "certops_process_one_time_link" "this" {
  process_id = var.process_id
}

# The link goes into the environment of a command, and nowhere else.
resource "terraform_data" "told" {
  triggers_replace = [var.process_id]

  provisioner "local-exec" {
    # Put here what tells your colleague: a command that writes into a ticket or sends a mail.
    command = "test -n \"$LINK\""

    environment = {
      LINK = ephemeral.certops_process_one_time_link.this.one_time_link
    }
  }
}

# "\"x9Kq\"": the quotes are part of the result
output "quoted" {
  value = provider::certops::txt_quote("x9Kq")
}

# A value that is quoted already stays as it is: true
output "idempotent" {
  value = provider::certops::txt_quote("\"x9Kq\"") == provider::certops::txt_quote("x9Kq")
}

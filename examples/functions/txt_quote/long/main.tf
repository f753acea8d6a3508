locals {
  # 300 characters, more than one string of a TXT record can hold.
  long = join("", [for i in range(30) : "0123456789"])
}

# Two strings, of 255 and of 45 characters: 2
output "strings" {
  value = length(regexall("\"[^\"]*\"", provider::certops::txt_quote(local.long)))
}

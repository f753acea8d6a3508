# Keys for for_each that are known while the tokens are not:
# {
#   "example.com"     = ["*.example.com", "example.com"]
#   "www.example.com" = ["www.example.com"]
# }
output "domains" {
  value = provider::certops::dcv_domains(["example.com", "*.example.com", "WWW.example.com."])
}

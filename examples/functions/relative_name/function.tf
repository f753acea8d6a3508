# "_dnsauth.www"
output "inside" {
  value = provider::certops::relative_name("_dnsauth.www.example.com", "example.com")
}

# "@"
output "apex" {
  value = provider::certops::relative_name("example.com.", "example.com")
}

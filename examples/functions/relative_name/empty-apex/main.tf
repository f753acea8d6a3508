# For providers that want the zone apex as an empty name: ""
output "apex" {
  value = trimprefix(provider::certops::relative_name("example.com", "example.com"), "@")
}

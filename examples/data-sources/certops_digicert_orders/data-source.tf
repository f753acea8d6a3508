# Every pending order, without its validation: one request for 1000 orders.
data "certops_digicert_orders" "pending" {
  status = "pending"
}

output "pending" {
  value = { for order in data.certops_digicert_orders.pending.orders : order.id => order.certificate.common_name }
}

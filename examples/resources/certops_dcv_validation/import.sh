# The service, a slash and the id of the order.
terraform import certops_dcv_validation.example realtime_register/30001

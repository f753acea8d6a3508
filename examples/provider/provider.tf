terraform {
  required_providers {
    certops = {
      source  = "certops/certops"
      version = "~> 0.1"
    }
  }
}

# Credentials come from CERTOPS_REALTIME_REGISTER_API_KEY, CERTOPS_CPS_CLIENT_ID,
# CERTOPS_CPS_CLIENT_SECRET and CERTOPS_DIGICERT_API_KEY. Only the services that the configuration
# reads need them.
provider "certops" {}

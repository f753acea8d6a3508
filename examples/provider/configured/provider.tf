variable "realtime_register_api_key" {
  type      = string
  sensitive = true
}

variable "digicert_api_key" {
  type      = string
  sensitive = true
}

provider "certops" {
  realtime_register = {
    api_key = var.realtime_register_api_key
  }

  # CertCentral Europe. Without base_url the platform in the United States is read.
  digicert = {
    api_key  = var.digicert_api_key
    base_url = "https://certcentral.digicert.eu/services/v2"
  }

  request_timeout = "20s"
  max_retries     = 6
}

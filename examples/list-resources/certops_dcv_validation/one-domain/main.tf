provider "certops" {}

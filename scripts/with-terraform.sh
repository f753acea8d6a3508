#!/usr/bin/env bash
# Copyright (c) The certops authors
# SPDX-License-Identifier: MPL-2.0

# Runs a command with the environment the tests need to drive Terraform or OpenTofu without an account or a network:
#
#   scripts/with-terraform.sh go test ./...
#
#   TF_ACC_TERRAFORM_PATH  the binary that scripts/terraform-path.sh finds
#   TF_ACC_PROVIDER_HOST   registry.opentofu.org when that binary is OpenTofu, unless it is set already
#   CHECKPOINT_DISABLE     1: no look-up of new versions
#   TF_CLI_CONFIG_FILE     unset when it names a file that does not exist, where every command would warn

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if (($# == 0)); then
  echo "usage: ${0##*/} COMMAND [ARGUMENT...]" >&2
  exit 2
fi

export CHECKPOINT_DISABLE=1
if [[ -n ${TF_CLI_CONFIG_FILE:-} && ! -e $TF_CLI_CONFIG_FILE ]]; then
  unset TF_CLI_CONFIG_FILE
fi

TF_ACC_TERRAFORM_PATH=$("$here/terraform-path.sh")
export TF_ACC_TERRAFORM_PATH
version=$("$TF_ACC_TERRAFORM_PATH" version </dev/null)
version=$(grep -m 1 ' v[0-9]' <<<"$version")
if [[ $version == OpenTofu* ]]; then
  export TF_ACC_PROVIDER_HOST=${TF_ACC_PROVIDER_HOST:-registry.opentofu.org}
fi
echo "using $version at $TF_ACC_TERRAFORM_PATH" >&2

exec "$@"

#!/usr/bin/env bash
# Copyright (c) The certops authors
# SPDX-License-Identifier: MPL-2.0

# Builds the measuring program and runs it with the arguments given. Run it by "make bench", which finds Terraform or
# OpenTofu, or installs it. README.md beside it tells what is measured.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
TF_ACC_TERRAFORM_PATH=${TF_ACC_TERRAFORM_PATH:-$(scripts/terraform-path.sh)}
export TF_ACC_TERRAFORM_PATH

work=$(mktemp -d "${TMPDIR:-/tmp}/certops-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

go build -o "$work/benchmarks" ./benchmarks
"$work/benchmarks" -work "$work" "$@"

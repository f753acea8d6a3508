#!/usr/bin/env bash
# Copyright (c) The certops authors
# SPDX-License-Identifier: MPL-2.0

# Runs 20,000 random histories of orders and DNS records in process and 25 under real Terraform, and then every native fuzz
# target of the module, one after another:
#
#   scripts/fuzz.sh          each for FUZZTIME, as "go test -fuzztime" takes it; 5m unless set
#   scripts/fuzz.sh Zone     only the targets whose name matches this regular expression, and no histories
#
# A target that fails does not stop the others. Its input is left in the package's testdata/fuzz, to be committed with the fix.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

fuzztime=${FUZZTIME:-5m}
pattern=${1:-.}

# "go test -list" prints the names, then "ok <package> <time>".
listing=$(go test -list '^Fuzz' ./...)
targets=$(awk '/^Fuzz/ { names[++n] = $1 } $1 == "ok" { for (i = 1; i <= n; i++) print $2, names[i]; n = 0 }' <<<"$listing" |
  awk -v pattern="$pattern" '$2 ~ pattern')
if [[ -z $targets ]]; then
  echo "fuzz: no fuzz target matches $pattern" >&2
  exit 1
fi
count=$(wc -l <<<"$targets")
echo "fuzz: $((count)) targets, $fuzztime each"

failed=()
if (($# == 0)); then
  echo "fuzz: 20,000 histories"
  if ! go test -count=1 -run='^TestModel$' ./internal/dcv/retention -model-histories 20000 -model-first "$((RANDOM * 32768 + RANDOM + 1))"; then
    failed+=("TestModel")
  fi
  echo "fuzz: 25 histories under real Terraform"
  if ! scripts/with-terraform.sh go test -count=1 -run='^TestAccHistories$' ./internal/provider -histories 25; then
    failed+=("TestAccHistories")
  fi
fi
while read -r package target; do
  echo "fuzz: $target in $package"
  # Go spends most of five minutes on making large inputs smaller unless that is bounded, and tries 30 inputs.
  if ! go test -run='^$' -fuzz="^$target\$" -fuzztime="$fuzztime" -fuzzminimizetime=1x "$package" </dev/null; then
    failed+=("$package.$target")
  fi
done <<<"$targets"

if ((${#failed[@]} > 0)); then
  echo "fuzz: failed: ${failed[*]}" >&2
  exit 1
fi
echo "fuzz: $((count)) targets passed"

#!/usr/bin/env bash
# Copyright (c) The certops authors
# SPDX-License-Identifier: MPL-2.0

# Prints the absolute path of a terraform or tofu binary that can run this provider's tests.
#
# Looked for in this order:
#   1. TF_ACC_TERRAFORM_PATH, a path or a command name. It is an error when that does not run.
#   2. terraform, then tofu, on PATH, if new enough for provider functions.
#   3. Terraform built from source by "go install" into the user's cache, once; that takes some minutes.
#
# Only the path goes to standard output. Progress and remarks go to standard error.

set -euo pipefail

# The last Terraform whose module can be installed by "go install": later ones have replace directives.
readonly install_version=1.8.5
# Provider functions came with Terraform 1.8 and OpenTofu 1.7.
readonly minimum_terraform=1.8 minimum_tofu=1.7

say() { printf 'terraform-path: %s\n' "$*" >&2; }

# absolute PATH prints PATH with its folder made absolute.
absolute() { printf '%s/%s\n' "$(cd "$(dirname "$1")" && pwd)" "$(basename "$1")"; }

# version_line BINARY prints its first line of "version", such as "Terraform v1.11.4".
version_line() {
  local config=${TF_CLI_CONFIG_FILE:-} output
  if [[ -n $config && ! -e $config ]]; then config=; fi
  output=$(CHECKPOINT_DISABLE=1 TF_CLI_CONFIG_FILE=$config "$1" version 2>/dev/null </dev/null) || return
  grep -m 1 ' v[0-9]' <<<"$output"
}

# new_enough LINE tells whether a line of version_line names a version with provider functions.
new_enough() {
  local minimum=$minimum_terraform number
  if [[ $1 == OpenTofu* ]]; then minimum=$minimum_tofu; fi
  number=$(sed -E 's/^[^ ]+ v([0-9]+\.[0-9]+).*/\1/' <<<"$1")
  printf '%s\n%s\n' "$minimum" "$number" | sort -V -C
}

if [[ -n ${TF_ACC_TERRAFORM_PATH:-} ]]; then
  if ! found=$(command -v -- "$TF_ACC_TERRAFORM_PATH") || [[ -z $(version_line "$found") ]]; then
    say "TF_ACC_TERRAFORM_PATH is set to $TF_ACC_TERRAFORM_PATH, which is not a working terraform or tofu"
    exit 1
  fi
  absolute "$found"
  exit
fi

for name in terraform tofu; do
  if ! found=$(command -v "$name"); then continue; fi
  line=$(version_line "$found") || line=
  if [[ -z $line ]]; then
    say "$found does not tell its version, so it is not used"
  elif ! new_enough "$line"; then
    say "$found is $line, too old for provider functions, so it is not used"
  else
    absolute "$found"
    exit
  fi
done

cache=${XDG_CACHE_HOME:-$HOME/.cache}/certops/terraform-$install_version
binary=$cache/terraform$(go env GOEXE)
if [[ -x $binary && -n $(version_line "$binary") ]]; then
  printf '%s\n' "$binary"
  exit
fi

say "neither terraform nor tofu is on PATH: building Terraform $install_version from source, once, into $cache"
say "this takes about six minutes on two cores; set TF_ACC_TERRAFORM_PATH or install terraform to avoid it"
mkdir -p "$cache"
work=$(mktemp -d "$cache/build.XXXXXX")
build=
cleanup() {
  if [[ -n $build ]]; then kill "$build" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

# The linker flag makes it call itself 1.8.5, as the released binary does, and not 1.8.5-dev.
# GOFLAGS is emptied because flags such as -mod make "go install package@version" fail.
GOFLAGS='' GOBIN=$work CGO_ENABLED=0 go install -v -trimpath \
  -ldflags='-s -w -X github.com/hashicorp/terraform/version.dev=no' \
  "github.com/hashicorp/terraform@v$install_version" >"$work/log" 2>&1 </dev/null &
build=$!

ticks=0
while kill -0 "$build" 2>/dev/null; do
  sleep 1
  ticks=$((ticks + 1))
  if ((ticks % 15 == 0)); then
    say "$((SECONDS / 60))m$((SECONDS % 60))s: $(grep -c '^go: downloading' "$work/log" || true) modules downloaded, $(grep -vc '^go: ' "$work/log" || true) packages compiled"
  fi
done
status=0
wait "$build" || status=$?
build=
if ((status != 0)); then
  tail -n 20 "$work/log" >&2
  say "building Terraform $install_version failed (exit status $status)"
  exit 1
fi
mv -f "$work/$(basename "$binary")" "$binary"
say "built $(version_line "$binary") in $((SECONDS / 60))m$((SECONDS % 60))s"
printf '%s\n' "$binary"

#!/usr/bin/env bash
# Copyright (c) The certops authors
# SPDX-License-Identifier: MPL-2.0

# Prints the absolute path of a terraform or tofu binary that can run this provider's tests.
#
# Looked for in this order:
#   1. TF_ACC_TERRAFORM_PATH, a path or a command name. It is an error when that does not run.
#   2. terraform, then tofu, on PATH, if new enough for provider functions.
#   3. Terraform in the user's cache, put there once: downloaded by HashiCorp's installer, which checks the signature, or,
#      where the download fails, built from source by "go install", which takes some minutes.
#
# Only the path goes to standard output. Progress and remarks go to standard error.

set -euo pipefail

# What is downloaded, by hc-install as pinned in tools/go.mod. It gives up after 30 seconds, but must be built before.
readonly release_version=1.15.9 release_seconds=180
# The last Terraform whose module can be installed by "go install": later ones have replace directives.
readonly source_version=1.8.5 source_seconds=3600
# Provider functions came with Terraform 1.8. OpenTofu 1.7 has them too, but no mocks.
readonly minimum_terraform=1.8 minimum_tofu=1.8

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

cache=${XDG_CACHE_HOME:-$HOME/.cache}/certops
name=terraform$(go env GOEXE)
for version in "$release_version" "$source_version"; do
  binary=$cache/terraform-$version/$name
  if [[ -x $binary && -n $(version_line "$binary") ]]; then
    printf '%s\n' "$binary"
    exit
  fi
done

mkdir -p "$cache"
work=$(mktemp -d "$cache/terraform.XXXXXX")
job=
cleanup() {
  if [[ -n $job ]]; then kill "$job" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

elapsed() { printf '%dm%ds' $(((SECONDS - started) / 60)) $(((SECONDS - started) % 60)); }

# follow LIMIT COMMAND... runs a command, tells every 15 seconds how far it is, and ends it after LIMIT seconds. Its output
# goes to $work/log.
follow() {
  local limit=$1 ticks=0 status=0
  shift
  started=$SECONDS
  "$@" >"$work/log" 2>&1 </dev/null &
  job=$!
  while kill -0 "$job" 2>/dev/null; do
    sleep 1
    ticks=$((ticks + 1))
    if ((SECONDS - started >= limit)); then
      echo "ended after $(elapsed)" >>"$work/log"
      kill "$job" 2>/dev/null || true
      break
    fi
    if ((ticks % 15 == 0)); then say "$(elapsed): step $(wc -l <"$work/log" | tr -d ' '), $(tail -n 1 "$work/log")"; fi
  done
  wait "$job" || status=$?
  job=
  return "$status"
}

# keep VERSION moves the binary into the cache and prints its path.
keep() {
  mkdir -p "$cache/terraform-$1"
  mv -f "$work/$name" "$cache/terraform-$1/$name"
  printf '%s\n' "$cache/terraform-$1/$name"
}

say "neither terraform nor tofu is on PATH: downloading Terraform $release_version, once, into $cache"
if follow "$release_seconds" go -C "$(dirname "${BASH_SOURCE[0]}")/../tools" tool hc-install \
  install -version "$release_version" -path "$work" terraform && [[ -n $(version_line "$work/$name") ]]; then
  say "downloaded $(version_line "$work/$name") in $(elapsed), its signature checked"
  keep "$release_version"
  exit
fi
tail -n 3 "$work/log" >&2

say "no download: building Terraform $source_version from source"
say "this takes about six minutes on two cores; set TF_ACC_TERRAFORM_PATH or install terraform to avoid it"
# The linker flag makes it call itself 1.8.5, as the released binary does, and not 1.8.5-dev.
# GOFLAGS is emptied because flags such as -mod make "go install package@version" fail.
if ! follow "$source_seconds" env GOFLAGS='' GOBIN="$work" CGO_ENABLED=0 go install -v -trimpath \
  -ldflags='-s -w -X github.com/hashicorp/terraform/version.dev=no' "github.com/hashicorp/terraform@v$source_version"; then
  tail -n 20 "$work/log" >&2
  say "building Terraform $source_version failed"
  exit 1
fi
say "built $(version_line "$work/$name") from source in $(elapsed)"
keep "$source_version"

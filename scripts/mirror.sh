#!/usr/bin/env bash
# Copyright (c) The certops authors
# SPDX-License-Identifier: MPL-2.0

# Builds the provider, and sandboxdns for the simulator's DNS server, into a file-system mirror, and writes a CLI
# configuration with which Terraform and OpenTofu install them by "init", and other providers from their registry:
#
#   scripts/mirror.sh          writes mirror/ and certops.tfrc
#   scripts/mirror.sh FOLDER   writes them into FOLDER

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mkdir -p "${1:-$root}"
folder=$(cd "${1:-$root}" && pwd)
cd "$root"

# The version of the next release satisfies every constraint that release will. One with a suffix would not: "~> 0.1" matches
# no prerelease.
version=$(sed -nE '1s/^## ([0-9]+\.[0-9]+\.[0-9]+) .*/\1/p' CHANGELOG.md)
if [[ -z $version ]]; then
  echo "mirror: the first line of CHANGELOG.md names no version" >&2
  exit 1
fi
platform=$(go env GOOS)_$(go env GOARCH)
suffix=$(go env GOEXE)

# Source addresses without a host belong to the registry of whoever reads them.
hosts=(registry.terraform.io registry.opentofu.org)
for name in certops sandboxdns; do
  package=.
  if [[ $name != certops ]]; then package=./cmd/terraform-provider-$name; fi
  # Nothing of an earlier version stays: it might be the newest.
  for host in "${hosts[@]}"; do rm -rf "$folder/mirror/$host/certops/$name"; done
  first=$folder/mirror/${hosts[0]}/certops/$name/$version/$platform
  go build -ldflags "-X main.version=$version-dev" -o "$first/terraform-provider-${name}_v$version$suffix" "$package"
  for host in "${hosts[@]:1}"; do
    mkdir -p "$folder/mirror/$host/certops/$name/$version"
    cp -R "$first" "$folder/mirror/$host/certops/$name/$version/"
  done
  echo "certops/$name $version is in $folder/mirror"
done

cat >"$folder/certops.tfrc" <<CONFIG
provider_installation {
  filesystem_mirror {
    path    = "$folder/mirror"
    include = ["certops/*"]
  }
  direct {
    exclude = ["certops/*"]
  }
}
CONFIG
cat <<USAGE

Let Terraform or OpenTofu in this shell use it:

  export TF_CLI_CONFIG_FILE="$folder/certops.tfrc"

A folder where "init" ran with an earlier build needs "init -upgrade".
USAGE

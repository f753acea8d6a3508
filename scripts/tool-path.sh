#!/usr/bin/env bash
# Copyright (c) The certops authors
# SPDX-License-Identifier: MPL-2.0

# Prints the absolute path of one of the development tools, at the version this repository is checked with:
#
#   "$(scripts/tool-path.sh golangci-lint)" run
#
# One on PATH is taken when it has that version. Else it is built from source by "go install" into the user's cache, once
# for each version of Go. Only the path goes to standard output.

set -euo pipefail

name=${1:-}
case $name in
golangci-lint)
  version=2.15.0
  package=github.com/golangci/golangci-lint/v2/cmd/golangci-lint
  ask=(version --short)
  ;;
goreleaser)
  version=2.16.0
  package=github.com/goreleaser/goreleaser/v2
  ask=(--version)
  ;;
actionlint)
  version=1.7.12
  package=github.com/rhysd/actionlint/cmd/actionlint
  ask=(-version)
  ;;
*)
  echo "usage: ${0##*/} golangci-lint|goreleaser|actionlint" >&2
  exit 2
  ;;
esac

# has_version BINARY tells whether it says that it is the wanted version.
has_version() {
  [[ -x $1 ]] && grep -qE "(^|[^0-9.])v?${version//./\\.}([^0-9.]|\$)" <<<"$("$1" "${ask[@]}" 2>&1 </dev/null)"
}

if found=$(command -v "$name") && has_version "$found"; then
  printf '%s/%s\n' "$(cd "$(dirname "$found")" && pwd)" "$(basename "$found")"
  exit
fi

# golangci-lint refuses code for a newer Go than the one it was built with, so the version of Go is part of the key.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/certops/tools/$(go env GOVERSION)/$name-$version
binary=$cache/$name$(go env GOEXE)
if has_version "$binary"; then
  printf '%s\n' "$binary"
  exit
fi

printf 'tool-path: building %s %s into %s\n' "$name" "$version" "$cache" >&2
mkdir -p "$cache"
work=$(mktemp -d "$cache/build.XXXXXX")
trap 'rm -rf "$work"' EXIT
# GOFLAGS is emptied because flags such as -mod make "go install package@version" fail.
if ! GOFLAGS='' GOBIN=$work CGO_ENABLED=0 go install -trimpath "$package@v$version" >"$work/log" 2>&1 </dev/null; then
  tail -n 20 "$work/log" >&2
  printf 'tool-path: building %s %s failed\n' "$name" "$version" >&2
  exit 1
fi
mv -f "$work/$(basename "$binary")" "$binary"
if ! has_version "$binary"; then
  printf 'tool-path: %s does not say that it is version %s\n' "$binary" "$version" >&2
  exit 1
fi
printf 'tool-path: built %s in %d s\n' "$name" "$SECONDS" >&2
printf '%s\n' "$binary"

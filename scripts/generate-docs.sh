#!/usr/bin/env bash
# Copyright (c) The certops authors
# SPDX-License-Identifier: MPL-2.0

# Generates docs/ from the provider's schemas, templates/ and examples/, and formats examples/.
#
#   scripts/generate-docs.sh          writes docs/ and examples/
#   scripts/generate-docs.sh --check  writes nothing; fails when docs/ or examples/ would change
#
# Both then check the result as far as that goes without a network: the rules of the registry for the pages, an example on
# every page, and every example against the provider's schemas.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

check=false
case "$*" in
'') ;;
--check) check=true ;;
*)
  echo "usage: ${0##*/} [--check]" >&2
  exit 2
  ;;
esac

say() { printf 'generate-docs: %s\n' "$*"; }
fail() {
  printf 'generate-docs: %s\n' "$*" >&2
  exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

terraform=$(scripts/terraform-path.sh)
export CHECKPOINT_DISABLE=1 TF_CLI_CONFIG_FILE=$work/cli.tfrc
# These would change where a command looks or what it prints.
unset TF_CLI_ARGS TF_DATA_DIR TF_LOG TF_PLUGIN_CACHE_DIR TF_WORKSPACE

mkdir "$work/bin" "$work/schema" "$work/site"
go build -o "$work/bin/terraform-provider-certops$(go env GOEXE)" .
cat >"$TF_CLI_CONFIG_FILE" <<CONFIG
provider_installation {
  dev_overrides {
    "certops/certops" = "$work/bin"
  }
  direct {}
}
CONFIG
cat >"$work/required.tf" <<'CONFIG'
terraform {
  required_providers {
    certops = {
      source = "certops/certops"
    }
  }
}
CONFIG

cp "$work/required.tf" "$work/schema/main.tf"
(cd "$work/schema" && "$terraform" providers schema -json) >"$work/schema.json"
# What Terraform prints depends on its version. What the documentation shows does not.
go run ./cmd/provider-schema | go -C tools run ./docs-schema -provider-name certops >"$work/docs-schema.json"

if $check; then
  "$terraform" fmt -no-color -check -diff -recursive examples || fail "examples/ is not formatted: run 'make generate'"
else
  "$terraform" fmt -no-color -recursive examples
fi

# The site is generated in a copy, so that a check leaves the work tree alone and no page without a source is left over.
for folder in examples templates; do
  if [[ -d $folder ]]; then cp -R "$folder" "$work/site/"; fi
done

# A block on a page says which file it goes into, and works in an empty folder. An example need not say where certops comes
# from: Terraform would look for hashicorp/certops.
while IFS= read -r file; do
  name=${file##*/}
  case $name in
  data-source.tf | *resource.tf | action.tf | function.tf) name=main.tf ;;
  *.tftest.hcl | *.tofutest.hcl) name=tests/$name ;;
  *.tfmock.hcl) name=mocks/$name ;;
  esac
  {
    printf '# %s\n\n' "$name"
    if [[ $name == *.tf ]] && ! grep -qs 'required_providers' "${file%/*}"/*.tf; then
      cat "$work/required.tf"
      echo
    fi
    cat "$file"
  } >"$work/block"
  mv "$work/block" "$file"
done < <(find "$work/site/examples" -type f '(' -name '*.tf' -o -name '*.hcl' ')')
go -C tools tool tfplugindocs generate --provider-dir "$work/site" --provider-name certops \
  --providers-schema "$work/docs-schema.json" >"$work/log" 2>&1 ||
  { cat "$work/log" >&2; fail "tfplugindocs generate failed"; }

if $check; then
  mkdir -p "$work/empty"
  current=docs
  if [[ ! -d docs ]]; then current=$work/empty; fi
  diff -ru "$current" "$work/site/docs" || fail "docs/ is not what the schemas, templates and examples produce: run 'make generate'"
else
  rm -rf docs
  cp -R "$work/site/docs" docs
fi

go -C tools tool tfplugindocs validate --provider-dir "$work/site" --provider-name certops \
  --providers-schema "$work/docs-schema.json" >"$work/log" 2>&1 ||
  { cat "$work/log" >&2; fail "the pages do not follow the registry's rules"; }

missing=$(find "$work/site/docs" -name '*.md' -not -path '*/guides/*' -exec grep -L '^## Example Usage' {} + | sed "s|^$work/site/||" | sort)
if [[ -n $missing ]]; then fail "pages without an example: ${missing//$'\n'/, }"; fi

# Every folder of examples is a configuration of its own. An example for the documentation need not say where certops comes
# from. One that also uses a provider which is not at hand cannot be validated here, and is named.
validated=0 skipped=() newer=()
# lacks PATTERN SECTION FOLDER tells whether the configuration has what this version of Terraform does not know.
lacks() { grep -qs "$1" "$3"/*.tf && ! grep -q "\"$2\"" "$work/schema.json"; }
while IFS= read -r folder; do
  if lacks '^action "' action_schemas "$folder" || lacks '^  identity = {' resource_identity_schemas "$folder" ||
    lacks '^ephemeral "' ephemeral_resource_schemas "$folder"; then
    newer+=("$folder")
    continue
  fi
  copy=$work/example
  rm -rf "$copy"
  cp -R "$folder" "$copy"
  if ! grep -qs 'required_providers' "$copy"/*.tf; then cp "$work/required.tf" "$copy/zz_required_providers.tf"; fi
  if "$terraform" -chdir="$copy" validate -no-tests -no-color >"$work/log" 2>&1 </dev/null; then
    validated=$((validated + 1))
  elif grep -qE '^(│ )?Error: ' "$work/log" &&
    ! grep -E '^(│ )?Error: ' "$work/log" | grep -qvE 'Missing required provider|Inconsistent dependency lock file|Module not installed'; then
    skipped+=("$folder")
  else
    cat "$work/log" >&2
    fail "$folder is not valid"
  fi
done < <(find examples -type f -name '*.tf' -not -path '*/.terraform/*' -exec dirname {} \; 2>/dev/null | sort -u)

say "validated $validated examples against the schemas"
if ((${#skipped[@]} > 0)); then say "not validated, for want of other providers or modules: ${skipped[*]}"; fi
if ((${#newer[@]} > 0)); then say "not validated, because actions need Terraform 1.14, identities 1.12, ephemeral resources 1.10: ${newer[*]}"; fi

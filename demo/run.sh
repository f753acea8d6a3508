#!/usr/bin/env bash
# Copyright (c) The certops authors
# SPDX-License-Identifier: MPL-2.0

# Shows the whole loop on this machine, without an account: four orders at three simulated vendors go from no DNS record
# to "validated" in one apply, one name of them validated beforehand; then the tokens are rotated; an order is renewed with
# a new id; a plan that would forget the records is refused; a record is broken, and the waiter explains; and a zone gets a
# DNSSEC key that its parent does not know, and the waiter explains that.
#
# It builds everything into a temporary folder, uses free ports on loopback, stops what it started and leaves nothing
# behind. Run it by "make demo", which finds Terraform or OpenTofu, or installs it.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tf=${TF_ACC_TERRAFORM_PATH:-$("$root/scripts/terraform-path.sh")}

work=$(mktemp -d "${TMPDIR:-/tmp}/certops-demo.XXXXXX")
sandbox_pid=
cleanup() {
  local status=$?
  trap - EXIT
  if [[ -n $sandbox_pid ]]; then
    kill "$sandbox_pid" 2>/dev/null || true
    wait "$sandbox_pid" 2>/dev/null || true
  fi
  rm -rf "$work"
  exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi
step() { printf '\n%s==> %s%s\n' "$bold" "$*" "$plain"; }
fail() {
  printf 'demo: %s\n' "$*" >&2
  exit 1
}

# control METHOD PATH [BODY] sends a request to the control API of the simulator. The response is in $response.
control() {
  local address=${control_url#http://} body=${3:-}
  exec 3<>"/dev/tcp/${address%:*}/${address##*:}"
  printf '%s %s HTTP/1.0\r\nHost: %s\r\nContent-Length: %d\r\n\r\n%s' "$1" "$2" "$address" "${#body}" "$body" >&3
  response=$(cat <&3)
  exec 3>&-
  [[ $response == 'HTTP/1.'*' 2'* ]] || fail "control API: $1 $2: $response"
}

# journal counts what was done to DNS records since the journal was cleared: journal create, journal update, journal delete.
journal() {
  control GET /v1/dns/journal
  grep -o "\"operation\": *\"$1\"" <<<"$response" | wc -l | tr -d ' ' || true
}

# terraform in the demo's folder, without color so that its output can be picked from.
run() {
  local command=$1
  shift
  "$tf" -chdir="$work/demo" "$command" -no-color "$@"
}

# apply shows what is planned in one line each, what is done, and the waiter's progress, which the provider logs. The whole
# output goes to the log file.
apply() {
  : >"$work/apply.log"
  TF_LOG_PROVIDER=INFO run apply -auto-approve -input=false -compact-warnings "$@" 2>&1 | tee "$work/apply.log" | sed -unE \
    -e 's/^[^ ]+ \[INFO\] .*: waiting for (.*): [@a-z_]+=.*/  … \1/p' \
    -e '/^  # .* (will be|must be) /{s/^  # /  /p}' \
    -e '/^Plan: /{G;p}' \
    -e '/^(certops_|sandboxdns_)[^ ]*( "[^"]*")?.*: (Creating|Modifying|Destroying|Creation complete|Modifications complete|Destruction complete|Still )/s/^/  /p' \
    -e '/^Apply complete/p'
}

# unchanged checks that a plan has nothing to do.
unchanged() {
  run plan -input=false -detailed-exitcode -compact-warnings "$@" >"$work/plan.log" 2>&1 || fail "the plan should be empty: $(cat "$work/plan.log")"
  grep -E '^No changes' "$work/plan.log"
}

step "Building the provider, a DNS provider to go with it, and the simulator"
suffix=$(go env GOEXE)
cd "$root"
scripts/mirror.sh "$work" | sed -nE 's/^(certops\/.*) is in .*/  \1/p'
go build -o "$work/certops-sandbox$suffix" ./cmd/certops-sandbox
echo "  certops-sandbox"

step "Starting the simulator: three vendors' APIs and a DNS server with signed zones below a root of their own"
"$work/certops-sandbox$suffix" -refuse-writes -look-interval 3s -trust-anchors "$work/anchors" -env "$work/env" -ready-file "$work/ready" >"$work/sandbox.log" 2>&1 &
sandbox_pid=$!
for ((i = 0; i < 100; i++)); do
  [[ -e $work/ready ]] && break
  kill -0 "$sandbox_pid" 2>/dev/null || fail "the simulator ended: $(cat "$work/sandbox.log")"
  sleep 0.1
done
[[ -e $work/ready ]] || fail "the simulator did not start within 10 s"
control_url=$(<"$work/ready")
# shellcheck source=/dev/null
. "$work/env"
grep -E 'DNS server' "$work/sandbox.log" | sed 's/^/  /'

# An order of a company account: old.example.com is validated already, and DigiCert returns no token for it.
control POST /v1/objects/digicert '{"id": 51001, "names": ["pay.example.com", "old.example.com"], "validated": ["old.example.com"]}'

export TF_CLI_CONFIG_FILE=$work/certops.tfrc CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
unset TF_LOG TF_LOG_CORE TF_LOG_PATH TF_PLUGIN_CACHE_DIR TF_DATA_DIR TF_WORKSPACE TF_CLI_ARGS

mkdir "$work/demo"
cp "$root/demo/main.tf" "$work/demo/"

step "terraform init"
run init -input=false >"$work/init.log" 2>&1 || fail "$(cat "$work/init.log")"
sed -nE 's/^- Installed (.*) \(unauthenticated\)/  \1/p' "$work/init.log"

step "terraform apply: from no DNS record to validated (the CA looks every 3 seconds)"
apply || fail "$(cat "$work/apply.log")"

echo
echo "  The name that was validated beforehand has no record, and needs none:"
"$tf" -chdir="$work/demo" output -no-color without_record | sed 's/^/  /'

step "terraform plan: the vendors have forgotten their tokens, and there is nothing to do"
unchanged

step "New tokens at all three vendors: the records change in place; only what no longer holds is awaited again"
control POST /v1/objects/digicert/20001/rotate
control POST /v1/objects/realtime_register/30001/rotate
control POST /v1/objects/cps/40001/rotate
apply || fail "$(cat "$work/apply.log")"
echo
echo "  Another plan:"
unchanged

step "Order 20001 is renewed: a new order id, new tokens, and no DNS record deleted"
control POST '/v1/objects/digicert/20001/renew?new=true'
renewed=$(grep -oE '"id": *[0-9]+' <<<"$response" | head -n 1 | grep -oE '[0-9]+')
control DELETE /v1/dns/journal
renewal=(-var "digicert_orders=[\"$renewed\", \"51001\"]")
apply "${renewal[@]}" || fail "$(cat "$work/apply.log")"
deleted=$(journal delete)
printf '\n  DNS records created: %s, updated in place: %s, deleted: %s\n' "$(journal create)" "$(journal update)" "$deleted"
((deleted == 0)) || fail "the renewal deleted DNS records: $response"
echo
echo "  Another plan:"
unchanged "${renewal[@]}"

step "terraform plan -replace: what forgets the records is refused"
if run plan -input=false -replace=certops_dcv_records.all "${renewal[@]}" >"$work/plan.log" 2>&1; then
  fail "the plan was not refused: $(cat "$work/plan.log")"
fi
sed -nE '/^Error: /,$p' "$work/plan.log" | sed 's/^/  /'

step "New tokens at Realtime Register, and a wrong record for www.example.net: the apply must fail, and the waiter explain"
control POST /v1/objects/realtime_register/30001/rotate
if apply "${renewal[@]}" -var sabotage=www.example.net -var patience=6s; then
  fail "the apply with a wrong record succeeded"
fi
sed -nE '/^Error: Timed Out/,${/^[0-9]{4}-[0-9]{2}-[0-9]{2}T/!p}' "$work/apply.log"
grep -q 'oops.example.org' "$work/apply.log" || fail "the explanation does not name the wrong value: $(cat "$work/apply.log")"

step "The record mended"
apply "${renewal[@]}" || fail "$(cat "$work/apply.log")"

step "New tokens again, published well, in a zone that fails DNSSEC: example.net has a new key, and its parent the DS record of the old one"
control POST /v1/objects/realtime_register/30001/rotate
control PUT /v1/dnssec/example.net '{"signing": "other_key"}'
if apply "${renewal[@]}" -var patience=6s; then
  fail "the apply with a bogus zone succeeded"
fi
sed -nE '/^Error: Timed Out/,${/^[0-9]{4}-[0-9]{2}-[0-9]{2}T/!p}' "$work/apply.log"
grep -q 'DNSSEC fails' "$work/apply.log" || fail "the explanation does not tell of DNSSEC: $(cat "$work/apply.log")"

step "The DS record mended"
control PUT /v1/dnssec/example.net '{"signing": "signed"}'
apply "${renewal[@]}" || fail "$(cat "$work/apply.log")"

step "Summary"
"$tf" -chdir="$work/demo" output -raw summary
printf '\n\nAll of it ran on this machine: %s, the providers and the simulator, nothing else.\n' "$("$tf" version | head -n 1)"

// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package exampletest_test

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/certops/terraform-provider-certops/internal/exampletest"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
)

// The pages with blocks that are no files of examples/.
const (
	readmePage  = "README.md"
	actionPage  = "docs/actions/dns_check.md"
	queryPage   = "docs/list-resources/dcv_validation.md"
	checkPage   = "docs/actions/check_now.md"
	submitPage  = "docs/actions/digicert_submit_domain.md"
	alivePage   = "docs/guides/keep-validations-alive.md"
	tablePage   = "docs/functions/records_table.md"
	orderPage   = "docs/guides/from-order-to-validated.md"
	renewalPage = "docs/guides/renewal.md"
	tryPage     = "docs/guides/try-it-without-an-account.md"
)

// notRun are the blocks of the documentation that no test runs, each with its page, its beginning and the reason.
var notRun = []struct{ page, start, reason string }{
	{readmePage, "make demo", "make test runs this test, and make demo all that it needs"},
	{actionPage, "terraform apply -invoke", "TestExamples invokes the action, with Terraform 1.14"},
	{queryPage, "terraform query\n", "TestExamples queries, with Terraform 1.14"},
	{queryPage, "list.certops_dcv_validation.open", "TestExamples compares it with what a query prints"},
	{queryPage, "terraform query -generate-config-out", "TestAccQueryGeneratesConfiguration does the same, with Terraform 1.14"},
	{checkPage, "terraform apply -invoke", "TestExamples invokes the action, with Terraform 1.14"},
	{submitPage, "terraform apply -invoke", "TestExamples invokes the action, with Terraform 1.14"},
	{alivePage, "Action action.certops", "it is shortened; TestAccActionRevalidates runs this, with Terraform 1.14"},
	{alivePage, "terraform apply -invoke=action.certops_digicert", "TestSubmitDomain submits a domain that holds; the rest is an apply"},
	{alivePage, "terraform apply -auto-approve -invoke", "TestAccActionRevalidates invokes the action, with Terraform 1.14"},
	{alivePage, "terraform apply -invoke=action.certops_check", "TestExamples invokes the action, with Terraform 1.14"},
	{orderPage, "certops_dcv_validation.this: Creating", "it is what the block before it once printed; that one is run"},
	{orderPage, "Error: Timed Out", "it is shortened; the tests of internal/waiter compare whole texts"},
	{tryPage, "git clone", "it needs the network"},
	{tryPage, "go run ./cmd/certops-sandbox -env", "it runs until it is stopped; demo/run.sh starts the same program"},
}

// block is a fenced block of a page.
type block struct{ page, language, text string }

func (b block) String() string {
	first, _, _ := strings.Cut(b.text, "\n")
	return b.page + ": " + first
}

var fence = regexp.MustCompile("(?s)(?:^|\n)```([a-z]+)\n(.*?\n)```\n")

// TestBlocks holds that every block of the documentation is run, or is in the list of those that are not.
func TestBlocks(t *testing.T) {
	var blocks []block
	for _, page := range documentation(t) {
		text, err := os.ReadFile(filepath.Join(exampletest.Root(t), page))
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range fence.FindAllStringSubmatch(string(text), -1) {
			blocks = append(blocks, block{page, match[1], match[2]})
		}
	}
	all := len(blocks)

	// Those that are files of examples/ are run by TestExamples, or by TestConformance with the providers they need.
	files := exampleFiles(t)
	blocks = slices.DeleteFunc(blocks, func(b block) bool {
		if b.language == "terraform" {
			name, content, ok := strings.Cut(strings.TrimPrefix(b.text, "# "), "\n\n")
			if !ok || strings.ContainsAny(name, " \n") || filepath.Ext(name) == "" {
				t.Errorf("%s: the first line does not name the file", b)
			}
			return files[strings.TrimPrefix(content, exampletest.RequireCertops)] || files[content]
		}
		// The generator takes signatures from the schema.
		function, ok := strings.CutPrefix(b.page, "docs/functions/")
		return files[b.text] || ok && strings.HasPrefix(b.text, strings.TrimSuffix(function, ".md")+"(")
	})
	t.Logf("%d of %d blocks are files of examples/ or generated", all-len(blocks), all)

	// take takes the block of a page that begins with a text.
	take := func(page, start string) string {
		i := slices.IndexFunc(blocks, func(b block) bool { return b.page == page && strings.HasPrefix(b.text, start) })
		if i < 0 {
			t.Fatalf("%s has no block that begins with %q", page, start)
		}
		text := blocks[i].text
		blocks = slices.Delete(blocks, i, i+1)
		return text
	}
	run := blockRunner{newTerraform(t)}

	t.Run("rotation", func(t *testing.T) {
		run.rotation(t, take(renewalPage, "terraform plan"), take(renewalPage, "_dnsauth"))
	})
	t.Run("progress", func(t *testing.T) { run.progress(t, take(orderPage, "set -o pipefail")) })
	t.Run("control", func(t *testing.T) {
		run.control(t, take(tryPage, "control="), take(tryPage, "curl"), take(tryPage, `{"faults"`))
	})
	mirror := take(tryPage, "make mirror")
	if diff := cmp.Diff(mirror, take(readmePage, "make mirror")); diff != "" {
		t.Errorf("the README and %s make the mirror in different ways (-%[1]s +README):\n%s", tryPage, diff)
	}
	t.Run("mirror", func(t *testing.T) { run.mirror(t, mirror, take(tryPage, ". /tmp/sandbox.env")) })
	t.Run("status", func(t *testing.T) {
		run.status(t, take(tryPage, "go run ./cmd/certops-sandbox -status"), take(tryPage, "SERVICE"))
	})
	t.Run("dynamic updates", func(t *testing.T) { run.updates(t, take(tryPage, "export DNS_UPDATE_SERVER")) })
	t.Run("table", func(t *testing.T) { run.table(t, take(tablePage, "| Name")) })

	for _, b := range notRun {
		take(b.page, b.start)
		t.Logf("not run: %s: %s: %s", b.page, b.start, b.reason)
	}
	for _, b := range blocks {
		t.Errorf("%s: no test runs this block; run it, or say in notRun why not", b)
	}
}

// documentation returns the pages and the README, as slash-separated paths from the top of the repository.
func documentation(t *testing.T) []string {
	t.Helper()
	top := os.DirFS(exampletest.Root(t))
	pages, err := fs.Glob(top, "docs/*/*.md")
	if err != nil || len(pages) < 30 {
		t.Fatalf("found %d pages, %v", len(pages), err)
	}
	return append(pages, "docs/index.md", readmePage)
}

// exampleFiles are the contents of all files below examples/.
func exampleFiles(t *testing.T) map[string]bool {
	t.Helper()
	files := make(map[string]bool)
	top := os.DirFS(filepath.Join(exampletest.Root(t), "examples"))
	err := fs.WalkDir(top, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(top, path)
		files[string(content)] = true
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// blockRunner runs blocks in bash, where "terraform" is the binary of the tests.
type blockRunner struct{ tf *exampletest.Terraform }

// bash runs a script in a folder. It skips the test where a program is missing.
func (r blockRunner) bash(t *testing.T, folder string, env map[string]string, script string, programs ...string) (string, error) {
	t.Helper()
	for _, program := range append(programs, "bash") {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed", program)
		}
	}
	script = fmt.Sprintf("terraform() { %q \"$@\"; }\ncurl() { command curl -fsS \"$@\"; }\n", r.tf.Path) + script
	return r.tf.RunProgram(t, folder, env, "bash", "-e", "-c", script)
}

// rotation summarizes the plan after new tokens.
func (r blockRunner) rotation(t *testing.T, command, want string) {
	s, env := start(t, sandbox.Options{})
	place := exampletest.Copy(t, "resources/certops_dcv_records")
	r.tf.Must(t, place, env, "apply", "-auto-approve", "-no-color")
	if err := s.Rotate(sandbox.DigiCert, sandbox.OrderPending); err != nil {
		t.Fatal(err)
	}
	out, err := r.bash(t, place, env, command, "jq")
	if err != nil {
		t.Fatalf("%s\n%s", err, out)
	}
	if !strings.HasSuffix(out, want) {
		t.Errorf("the documented output differs (-want +got):\n%s", cmp.Diff(want, out))
	}
}

// progress waits for an order whose records nobody publishes.
func (r blockRunner) progress(t *testing.T, command string) {
	_, env := start(t, sandbox.Options{})
	place := t.TempDir()
	exampletest.Write(t, place, "main.tf", exampletest.RequireCertops+`resource "certops_dcv_validation" "this" {
  digicert_order_id = "20001"
  timeouts          = { create = "1s" }
}
`)
	out, err := r.bash(t, place, env, command, "sed")
	if err == nil {
		t.Error("the command hides that the apply failed")
	}
	for _, want := range []string{
		"certops_dcv_validation.this: Creating...", "\nwaiting for order 20001 at DigiCert: 0 of 4 names validated (",
		"Timed Out Waiting for Validation",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "[INFO]") || strings.Contains(out, "tf_rpc") || strings.Contains(out, "@module") {
		t.Errorf("the output has other lines of the log:\n%s", out)
	}
}

// control steers the simulator.
func (r blockRunner) control(t *testing.T, commands, add, plan string) {
	s, env := start(t, sandbox.Options{})
	place := t.TempDir()
	exampletest.Write(t, place, "plan.json", plan)
	env["CERTOPS_SANDBOX_CONTROL"] = s.ControlURL
	out, err := r.bash(t, place, env, commands+add+`curl "$control/v1/faults" -d @plan.json`, "curl")
	if err != nil {
		t.Fatalf("%s\n%s", err, out)
	}
	if !strings.Contains(out, "api.example.com") || !strings.Contains(out, "reset_in_body") {
		t.Errorf("the control API does not tell of the new order and the faults:\n%s", out)
	}
}

// status prints where each order stands. The documented lines are there, whatever the width of the columns.
func (r blockRunner) status(t *testing.T, command, want string) {
	s, env := start(t, sandbox.Options{})
	env["CERTOPS_SANDBOX_CONTROL"] = s.ControlURL
	out, err := r.bash(t, exampletest.Root(t), env, command, "go")
	if err != nil {
		t.Fatalf("%s\n%s", err, out)
	}
	spaces := regexp.MustCompile(` +`)
	out = spaces.ReplaceAllString(out, " ")
	for line := range strings.Lines(want) {
		if !strings.Contains(out, spaces.ReplaceAllString(line, " ")) {
			t.Errorf("the output lacks %q:\n%s", line, out)
		}
	}
}

// updates tells another provider of the simulator's DNS server.
func (r blockRunner) updates(t *testing.T, commands string) {
	s, _ := start(t, sandbox.Options{})
	out, err := r.bash(t, t.TempDir(), s.DNSEnv(), "terraform() { env; }\n"+commands)
	if err != nil {
		t.Fatalf("%s\n%s", err, out)
	}
	host, port, _ := strings.Cut(s.DNSAddr, ":")
	for _, want := range []string{"DNS_UPDATE_SERVER=" + host, "DNS_UPDATE_PORT=" + port, "DNS_UPDATE_KEYALGORITHM=hmac-sha256"} {
		if !strings.Contains(out, want+"\n") {
			t.Errorf("terraform apply does not get %s:\n%s", want, out)
		}
	}
}

var timestamp = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:+]+`)

// table prints what an example of a function gives.
func (r blockRunner) table(t *testing.T, want string) {
	_, env := start(t, sandbox.Options{})
	place := exampletest.Copy(t, "functions/records_table")
	r.tf.Must(t, place, env, "apply", "-auto-approve", "-no-color")
	out := r.tf.Must(t, place, env, "output", "-raw", "-no-color", "records")
	if diff := cmp.Diff(timestamp.ReplaceAllString(want, "…"), timestamp.ReplaceAllString(out, "…")); diff != "" {
		t.Errorf("the documented output differs (-want +got):\n%s", diff)
	}
}

// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func readFile(t *testing.T, elements ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(elements...))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func workflow(t *testing.T, name string) string {
	t.Helper()
	return readFile(t, ".github", "workflows", name+".yml")
}

// block is the part of a YAML text below a key that stands at this indentation.
func block(t *testing.T, text, indent, key string) string {
	t.Helper()
	_, below, found := strings.Cut("\n"+text, "\n"+indent+key+":")
	if !found {
		t.Fatalf("there is no %s in\n%s", key, text)
	}
	if end := regexp.MustCompile(`(?m)^ {0,` + string(rune('0'+len(indent))) + `}\S`).FindStringIndex(below[1:]); end != nil {
		below = below[:end[0]+1]
	}
	return below
}

// script is what a named step of a workflow runs.
func script(t *testing.T, workflow, step string) string {
	t.Helper()
	_, below, found := strings.Cut(workflow, "      - name: "+step+"\n")
	if !found {
		t.Fatalf("there is no step %q", step)
	}
	below, _, _ = strings.Cut(below, "\n      - ")
	_, run, _ := strings.Cut(below, "        run: ")
	text, more, isBlock := strings.Cut(run, "|\n")
	if !isBlock || strings.TrimSpace(text) != "" {
		text, _, _ = strings.Cut(run, "\n")
		return text
	}
	var lines []string
	for line := range strings.Lines(more) {
		if strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "          ") {
			break
		}
		lines = append(lines, strings.TrimPrefix(line, "          "))
	}
	return strings.Join(lines, "")
}

// stub puts a program into a folder that notes its arguments in the file "calls" there, and prints a text.
func stub(t *testing.T, folder, name, prints string) {
	t.Helper()
	text := "#!/bin/sh\necho " + name + " \"$@\" >>\"${0%/*}/calls\"\necho '" + prints + "'\n"
	if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

// shell runs a script as GitHub does, with the stubs of a folder before other programs.
func shell(t *testing.T, script, place, stubs string, env ...string) (string, error) {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	cmd := exec.CommandContext(t.Context(), bash, "-euo", "pipefail", "-c", script)
	cmd.Dir = place
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	if stubs != "" {
		cmd.Env = append(cmd.Env, "PATH="+stubs+string(filepath.ListSeparator)+os.Getenv("PATH"))
	}
	cmd.Env = append(cmd.Env, env...)
	output, err := cmd.CombinedOutput()
	return string(output), err
}

// TestReleaseNeedsGreenTests runs the step of the release workflow that asks for the commit's tests.
func TestReleaseNeedsGreenTests(t *testing.T) {
	t.Parallel()
	release := workflow(t, "release")
	job := block(t, release, "  ", "release")
	for _, line := range []string{"\n    needs: check\n", "\n    environment: release\n"} {
		if !strings.Contains(job, line) {
			t.Errorf("the job that publishes does not say %q", strings.TrimSpace(line))
		}
	}
	if check := block(t, release, "  ", "check"); strings.Contains(check, "secrets.") || strings.Contains(check, "write") {
		t.Error("the job that checks the tag has secrets or may write")
	}
	text := script(t, release, "The tests of the commit are green")
	for prints, wanted := range map[string]bool{"0": false, "1": true} {
		stubs := t.TempDir()
		stub(t, stubs, "gh", prints)
		output, err := shell(t, text, stubs, stubs, "GITHUB_REPOSITORY=o/r", "GITHUB_SHA=abc")
		if (err == nil) != wanted {
			t.Errorf("with %s green runs the step ends with %v:\n%s", prints, err, output)
		}
		want := "gh run list --repo o/r --workflow test.yml --branch main --event push --commit abc --status success " +
			"--json databaseId --jq length\n"
		if diff := cmp.Diff(want, readFile(t, stubs, "calls")); diff != "" {
			t.Errorf("calls differ (-want +got):\n%s", diff)
		}
	}
}

// TestReleaseNeedsMain runs the step of the release workflow that looks for the commit on main.
func TestReleaseNeedsMain(t *testing.T) {
	t.Parallel()
	place := t.TempDir()
	history := `git init -q -b main
git config user.name test
git config user.email test@example.com
git commit -q --allow-empty -m first
git update-ref refs/remotes/origin/main HEAD
git checkout -q -b other
git commit -q --allow-empty -m second
`
	if output, err := shell(t, history, place, ""); err != nil {
		t.Fatalf("%s: %s", err, output)
	}
	text := script(t, workflow(t, "release"), "The commit is on main")
	for commit, wanted := range map[string]bool{"main": true, "other": false} {
		if output, err := shell(t, text, place, "", "GITHUB_SHA="+commit); (err == nil) != wanted {
			t.Errorf("%s: the step ends with %v:\n%s", commit, err, output)
		}
	}
}

// TestReleaseIsSigned demands signatures and attestations of all that a release has.
func TestReleaseIsSigned(t *testing.T) {
	t.Parallel()
	release := workflow(t, "release")
	_, attested, _ := strings.Cut(release, "uses: actions/attest-build-provenance@")
	for _, files := range []string{"dist/*.zip", "dist/*.spdx.json", "dist/*_SHA256SUMS"} {
		if !strings.Contains(attested, "\n            "+files+"\n") {
			t.Errorf("%s are not attested", files)
		}
	}
	cosign, goreleaser := strings.Index(release, "uses: sigstore/cosign-installer@"), strings.Index(release, "uses: goreleaser/")
	if cosign < 0 || goreleaser < cosign {
		t.Error("cosign is not installed before goreleaser runs")
	}
	signs := block(t, readFile(t, ".goreleaser.yml"), "", "signs")
	for text, count := range map[string]int{"artifacts: checksum\n": 2, "GPG_FINGERPRINT": 1, "cmd: cosign\n": 1} {
		if strings.Count(signs, text) != count {
			t.Errorf("the checksums are not signed with gpg and with cosign:%s", signs)
		}
	}
}

// TestReleaseIsVerified runs the commands of SECURITY.md, as they stand there and as the workflow Rebuild runs them.
func TestReleaseIsVerified(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"sha256sum", "sed", "tee"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(err)
		}
	}
	root, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	top, stubs := t.TempDir(), t.TempDir()
	stub(t, stubs, "gh", "")
	stub(t, stubs, "cosign", "")
	prepare := `mkdir release && cd release
echo archive >terraform-provider-certops_0.2.0_linux_amd64.zip
sha256sum *.zip >terraform-provider-certops_0.2.0_SHA256SUMS
ln -s '` + root + `' ../source
`
	if output, err := shell(t, prepare, top, stubs); err != nil {
		t.Fatalf("%s: %s", err, output)
	}
	text := script(t, workflow(t, "rebuild"), "Verify as SECURITY.md says")
	place := filepath.Join(top, "release")
	if output, err := shell(t, text, place, stubs, "TAG=v0.2.0", "RUNNER_TEMP="+stubs); err != nil {
		t.Fatalf("%s: %s", err, output)
	}
	const sums, file = "terraform-provider-certops_0.2.0_SHA256SUMS", "certops/terraform-provider-certops/.github/workflows/release.yml"
	attested := " --repo certops/terraform-provider-certops --signer-workflow " + file + " --source-ref refs/tags/v0.2.0\n"
	want := "cosign verify-blob " + sums + " --bundle " + sums + ".sigstore.json --certificate-identity https://github.com/" + file +
		"@refs/tags/v0.2.0 --certificate-oidc-issuer https://token.actions.githubusercontent.com\n" +
		"gh attestation verify terraform-provider-certops_0.2.0_linux_amd64.zip" + attested +
		"gh attestation verify " + sums + attested
	if diff := cmp.Diff(want, readFile(t, stubs, "calls")); diff != "" {
		t.Errorf("calls differ (-want +got):\n%s", diff)
	}
	if err := os.WriteFile(filepath.Join(place, "terraform-provider-certops_0.2.0_linux_amd64.zip"), []byte("other"), 0o600); err != nil {
		t.Fatal(err)
	}
	if output, err := shell(t, text, place, stubs, "TAG=v0.2.0", "RUNNER_TEMP="+stubs); err == nil {
		t.Errorf("an archive with another checksum is accepted:\n%s", output)
	}
}

// TestRebuildCompares runs the last step of the workflow Rebuild.
func TestRebuildCompares(t *testing.T) {
	t.Parallel()
	for name, wanted := range map[string]bool{"same": true, "other": false} {
		top := t.TempDir()
		for folder, archive := range map[string]string{"release": "same", filepath.Join("source", "dist"): name} {
			if err := os.MkdirAll(filepath.Join(top, folder), 0o750); err != nil {
				t.Fatal(err)
			}
			// The bill of materials is another in each.
			sums := archive + "  a.zip\n" + folder + "  a.zip.spdx.json\nsame  a_manifest.json\n"
			if err := os.WriteFile(filepath.Join(top, folder, "a_SHA256SUMS"), []byte(sums), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if output, err := shell(t, script(t, workflow(t, "rebuild"), "Compare"), top, ""); (err == nil) != wanted {
			t.Errorf("%s: the step ends with %v:\n%s", name, err, output)
		}
	}
}

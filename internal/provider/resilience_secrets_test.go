// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/exampletest"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

// Credentials with everything that some spelling changes.
const (
	awkwardRTRKey      = `rtr-s3cr"et/+k&y=%<\>`
	awkwardDigiCertKey = `dc-s3cr"et/+k&y=%<\>`
	awkwardSecret      = `cps-s3cr"et/+k&y=%<\>`
	awkwardToken       = `tok-s3cr.et/+k-y==`
	awkwardLink        = `https://link.example/s3cr"et/+k&y=%<\>?id=1`
)

var awkwardSecrets = []string{awkwardRTRKey, awkwardDigiCertKey, awkwardSecret, awkwardToken, awkwardLink}

// everySpelling is a text with credentials as servers spell them.
func everySpelling(secrets ...string) string {
	var b strings.Builder
	for _, secret := range secrets {
		for _, spelling := range secretSpellings(secret) {
			fmt.Fprintf(&b, "%s ", spelling)
		}
		fmt.Fprintf(&b, "%s ", html.EscapeString(secret))
	}
	return b.String()
}

// quoted is a text as a JSON string.
func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		return `""`
	}
	return string(b)
}

// echo is a response that repeats credentials.
type echo struct {
	status int
	header http.Header
	body   string
}

// echoes are responses that repeat what a service knows, in every spelling and place.
func echoes(secrets ...string) []echo {
	text := everySpelling(secrets...)
	all := []echo{}
	for _, body := range []string{
		text, "<html>" + text, quoted(text),
		`{"errors":[{"code":` + quoted(text) + `,"message":` + quoted(text) + `},{"message":` + quoted(text) + `}]}`,
		`{"type":` + quoted(text) + `,"message":` + quoted(text) + `,"property":` + quoted(text) + `,"violations":[{"field":` + quoted(text) +
			`,"message":` + quoted(text) + `}]}`,
		`{"code":` + quoted(text) + `,"title":` + quoted(text) + `,"details":{"source":` + quoted(text) + `}}`,
		`{"error":` + quoted(text) + `,"error_description":` + quoted(text) + `,"error_uri":` + quoted(text) + `}`,
		`{"id":` + quoted(secrets[0]) + `,"order_id":` + quoted(secrets[0]) + `,"certificateId":` + quoted(secrets[0]) + `,"step":` +
			quoted(secrets[0]) + `}`,
	} {
		for _, status := range []int{200, 302, 400, 401, 403, 503} {
			all = append(all, echo{status, http.Header{
				"Location":         {"https://elsewhere.example/" + url.PathEscape(secrets[0]) + "/x?" + url.QueryEscape(text)},
				"Content-Type":     {"text/" + secrets[0]},
				"Www-Authenticate": {text}, "Retry-After": {text},
			}, body})
		}
	}
	return all
}

// links are responses with a one_time_link or an access token, which are credentials that nobody knows before.
func links() []echo {
	var all []echo
	link, token := quoted(awkwardLink), quoted(awkwardToken)
	for _, body := range []string{
		`{"oneTimeLink":` + link, `{"oneTimeLink":` + link + `}`, `{"oneTimeLink":` + link + `,"requiresAttention":"no"}`, `{"oneTimeLink":[` +
			link + `]}`,
		`{"oneTimeLink":{"href":` + link + `}}`, `{"oneTimeLink":` + link[:len(link)-1], `{"requiresAttention":7,"onetimelink":` + link + `}`,
		`{"access_token":` + token, `{"access_token":` + quoted(awkwardToken+"\n") + `}`, `{"access_token":[` + token + `]}`,
		`{"access_token":` + token + `,"expires_in":"x"}`,
	} {
		for _, status := range []int{200, 400, 500} {
			all = append(all, echo{status, http.Header{}, body})
		}
	}
	return all
}

// TestSecretsInEchoes gives every read responses that repeat the credentials which the service has, and searches what the
// provider says and logs.
func TestSecretsInEchoes(t *testing.T) {
	t.Parallel()
	var (
		log    lockedBuffer
		answer echo
		tokens bool
	)
	ctx := tflogtest.RootLogger(t.Context(), &log)
	network := roundTrip(func(req *http.Request) (*http.Response, error) {
		wantNoSecrets(t, "the URL of a request", req.URL.String(), awkwardSecrets...)
		for name, values := range req.Header {
			if name != "Authorization" && name != "X-Dc-Devkey" {
				wantNoSecrets(t, "the header "+name, strings.Join(values, "\n"), awkwardSecrets...)
			}
		}
		now := answer
		if req.Method == http.MethodPost && tokens {
			now = echo{http.StatusOK, http.Header{}, `{"access_token":` + quoted(awkwardToken) + `,"token_type":"Bearer","expires_in":300}`}
		}
		return &http.Response{StatusCode: now.status, Header: now.header.Clone(), Body: io.NopCloser(strings.NewReader(now.body)),
			Request: req}, nil
	})
	s, err := newProtoServer(ctx, base.Environment{Transport: network, Backoff: 1, Getenv: environment(map[string]string{
		"CERTOPS_REALTIME_REGISTER_API_KEY": awkwardRTRKey, "CERTOPS_DIGICERT_API_KEY": awkwardDigiCertKey,
		"CERTOPS_CPS_CLIENT_ID": "id", "CERTOPS_CPS_CLIENT_SECRET": awkwardSecret, base.EnvMaxRetries: "1",
	})})
	if err != nil {
		t.Fatal(err)
	}
	known := map[sandbox.Service][]string{
		sandbox.RealtimeRegister: {awkwardRTRKey}, sandbox.Token: {awkwardSecret}, sandbox.CPS: {awkwardSecret, awkwardToken},
		sandbox.DigiCert: {awkwardDigiCertKey},
	}
	reads, said := 0, 0
	for _, e := range endpoints {
		if e.extra {
			continue // The endpoint that it belongs to would have to respond right.
		}
		tokens = e.service != sandbox.Token
		repeated := echoes(known[e.service]...)
		for i, response := range append(repeated, links()...) {
			answer = response
			// New clients know no link or token of a response before, and are in no rate limit. They take as long as a read. Every fifth of
			// the responses that repeat credentials meets new ones: the first, which has all credentials, one of each body, and of each status.
			if i%5 == 0 || i >= len(repeated) || !tokens {
				if err := s.configure(ctx); err != nil {
					t.Fatal(err)
				}
			}
			result, err := s.read(ctx, e.typeName, e.arguments)
			if err != nil {
				t.Fatal(err)
			}
			reads++
			for _, d := range result.Diagnostics {
				said++
				wantNoSecrets(t, fmt.Sprintf("%s, HTTP %d: the diagnostic", e.name, answer.status), d.String(), awkwardSecrets...)
			}
			wantNoSecrets(t, fmt.Sprintf("%s, HTTP %d: the log", e.name, answer.status), log.take(), awkwardSecrets...)
			if t.Failed() {
				t.Fatalf("the response was %d %s", answer.status, answer.body)
			}
		}
	}
	if said < reads/2 || log.taken < 200*reads {
		t.Errorf("%d reads gave only %d diagnostics and %d bytes of log", reads, said, log.taken)
	}
}

// lockedBuffer is a buffer that several goroutines may write to.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
	taken  int
}

// Write implements io.Writer.
func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

// String returns what was written.
func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

// take returns what was written and empties the buffer.
func (b *lockedBuffer) take() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	text := b.buffer.String()
	b.buffer.Reset()
	b.taken += len(text)
	return text
}

// TestSecretsThatDoNotFit refuses credentials that no header can carry, before any request and without repeating them.
func TestSecretsThatDoNotFit(t *testing.T) {
	t.Parallel()
	network := roundTrip(func(req *http.Request) (*http.Response, error) {
		t.Errorf("there was a request: %s", req.URL)
		return nil, http.ErrNotSupported
	})
	sources := map[string][]string{
		"CERTOPS_REALTIME_REGISTER_API_KEY": {"certops_process_info", "process_id"},
		"CERTOPS_DIGICERT_API_KEY":          {"certops_digicert_request", "request_id"},
		"CERTOPS_CPS_CLIENT_ID":             {"certops_cps_certificate", "certificate_id"},
		"CERTOPS_CPS_CLIENT_SECRET":         {"certops_cps_certificate", "certificate_id"},
	}
	for _, value := range []string{"s3cret\n", "s3cret\r\nX-Other: 1", "\ts3cret", "s3cret\x00", "s3cr\u00e9t", "s3cret\x7f", " s3cret",
		"s3cret\u200b", "\ufeffs3cret"} {
		for variable, source := range sources {
			settings := map[string]string{"CERTOPS_CPS_CLIENT_ID": "id", "CERTOPS_CPS_CLIENT_SECRET": "secret"}
			settings[variable] = value
			s, err := newProtoServer(t.Context(), base.Environment{Getenv: environment(settings), Transport: network})
			if err != nil {
				t.Fatal(err)
			}
			result, err := s.read(t.Context(), source[0], map[string]any{source[1]: 1})
			if err != nil {
				t.Fatal(err)
			}
			if !result.failed() || len(result.Diagnostics) != 1 || !strings.Contains(result.Diagnostics[0].Detail, variable) {
				t.Errorf("%s=%q: got %v", variable, value, result.Diagnostics)
			}
			wantNoSecrets(t, "the diagnostic", fmt.Sprint(result.Diagnostics), "s3cr")
		}
		wantRefusedInConfiguration(t, value)
	}
}

// wantRefusedInConfiguration writes the credential into the provider block. The diagnostic may not point at it either:
// Terraform would print the line.
func wantRefusedInConfiguration(t *testing.T, value string) {
	t.Helper()
	types, err := protoTypes()
	if err != nil {
		t.Fatal(err)
	}
	type setting struct{ service, attribute, value string }
	var settings []setting
	for _, v := range vendors {
		for _, set := range v.Settings() {
			switch {
			case set.Secret:
				settings = append(settings, setting{v.Name(), set.Name, value})
			case strings.HasSuffix(set.Name, "_url"):
				settings = append(settings, setting{v.Name(), set.Name, "https://user:s3cret@id.example/"})
			}
		}
	}
	if len(settings) < 2*len(vendors) {
		t.Errorf("%d vendors have only %d settings with a credential or a URL", len(vendors), len(settings))
	}
	for _, setting := range settings {
		service, attribute, value := setting.service, setting.attribute, setting.value
		config, err := protoObject(types.provider, map[string]any{service: map[string]any{attribute: value}})
		if err != nil {
			t.Fatal(err)
		}
		s := &protoServer{protocolServer(base.Environment{Getenv: environment()})}
		resp, err := s.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: config})
		if err != nil {
			t.Fatal(err)
		}
		if len(resp.Diagnostics) != 1 {
			t.Errorf("%s.%s = %q: got %v", service, attribute, value, protoDiagnostics(resp.Diagnostics))
		}
		for _, d := range resp.Diagnostics {
			if d.Attribute != nil {
				t.Errorf("%s.%s: the diagnostic points at %s, so that Terraform prints the line", service, attribute, d.Attribute)
			}
			wantNoSecrets(t, "the diagnostic", d.Summary+d.Detail, "s3cr")
		}
	}
}

// TestSecretsNeverInPlain refuses addresses to which credentials would go in plain text, and those that hold one.
func TestSecretsNeverInPlain(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"http://api.example", "http://10.0.0.1", "http://127.0.0.1.example", "http://localhost.example",
		"ftp://127.0.0.1", "https://user:s3cret@api.example", "//api.example", "api.example"} {
		for variable, source := range map[string][]string{
			"CERTOPS_REALTIME_REGISTER_BASE_URL": {"certops_process_info", "process_id"},
			"CERTOPS_DIGICERT_BASE_URL":          {"certops_digicert_request", "request_id"},
			"CERTOPS_CPS_BASE_URL":               {"certops_cps_certificate", "certificate_id"},
			"CERTOPS_CPS_TOKEN_URL":              {"certops_cps_certificate", "certificate_id"},
		} {
			s, err := newProtoServer(t.Context(), base.Environment{
				Getenv: environment(answersEnvironment, map[string]string{variable: address}),
				Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
					t.Errorf("%s: there was a request: %s", address, req.URL)
					return nil, http.ErrNotSupported
				}),
			})
			if err != nil {
				t.Fatal(err)
			}
			result, err := s.read(t.Context(), source[0], map[string]any{source[1]: 1})
			if err != nil {
				t.Fatal(err)
			}
			if !result.failed() {
				t.Errorf("%s=%s is taken", variable, address)
			}
			wantNoSecrets(t, "the diagnostic", fmt.Sprint(result.Diagnostics), "s3cret")
		}
	}
}

// TestSecretsInPanics breaks a process down in the middle of a request, and searches what Go prints of it.
func TestSecretsInPanics(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t, sandbox.Options{})
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, read := range []childRead{
		{Type: "certops_process_info", Arguments: map[string]any{"process_id": 30001}, Panic: "/v2/"},
		{Type: "certops_cps_certificate", Arguments: map[string]any{"certificate_id": 40001}, Panic: "/connect/"},
		{Type: "certops_cps_certificate", Arguments: map[string]any{"certificate_id": 40001}, Panic: "/status"},
		{Type: "certops_digicert_request", Arguments: map[string]any{"request_id": 198}, Panic: "/request/"},
	} {
		input, err := json.Marshal(read)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), self)
		cmd.Stdin = bytes.NewReader(input)
		cmd.Env = []string{processRole + "=" + roleReader, "GOTRACEBACK=all"}
		for name, value := range s.Env() {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
		output, err := cmd.CombinedOutput()
		if err == nil || !bytes.Contains(output, []byte("panic: "+panicText)) {
			t.Errorf("%s did not panic: %v\n%s", read.Type, err, output)
		}
		wantNoSecrets(t, "the panic of "+read.Type, string(output), append(sandboxSecrets, "sandbox-token-")...)
	}
}

// TestAccSecrets reads everything under Terraform with all logs on, right and wrong, and searches every byte of what was
// printed, logged and stored. The one-time link goes to a command, and nowhere else.
func TestAccSecrets(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	s := sandboxtest.Start(t, sandbox.Options{Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	const works = `
data "certops_process_info" "it" {
  process_id = 2323533016
}

data "certops_processes" "it" {
  include_info = true
}

data "certops_cps_certificate" "it" {
  certificate_id = 40001
}

data "certops_cps_certificates" "it" {}

data "certops_digicert_order_validation" "it" {
  order_id = 20001
}

data "certops_digicert_request" "it" {
  request_id = 198
}

data "certops_digicert_orders" "it" {}

resource "certops_dcv_records" "it" {
  domains = ["www.example.com"]
  sources = [data.certops_process_info.it.dns_records]
}

output "everything" {
  value = [data.certops_process_info.it, data.certops_processes.it]
}
`
	const hands = `
ephemeral "certops_process_one_time_link" "it" {
  process_id = 2323533016
}

resource "terraform_data" "told" {
  provisioner "local-exec" {
    command     = "printf %s \"$LINK\" >told"
    environment = { LINK = ephemeral.certops_process_one_time_link.it.one_time_link }
  }
}
`
	const fails = `
data "certops_process_info" "missing" {
  process_id = 940400
}

data "certops_process_info" "broken" {
  process_id = 950200
}

data "certops_cps_certificate" "forbidden" {
  certificate_id = 940300
}

data "certops_digicert_request" "unauthorized" {
  request_id = 940100
}
`
	env := s.Env()
	env[base.EnvMaxRetries] = "1"
	w := newWorkspace(t, env, nil, map[string]string{"main.tf": requireCertops + works})
	ephemeral := exampletest.New(t, "").HasEphemeral()
	if ephemeral {
		w.write("ephemeral.tf", hands)
	}
	logFile := filepath.Join(t.TempDir(), "terraform.log")
	w.env = append(w.env, "TF_LOG=TRACE", "TF_LOG_PATH="+logFile)
	var printed strings.Builder
	run := func(want bool, arguments ...string) {
		output, ok := w.terraform(arguments...)
		if ok != want {
			t.Fatalf("terraform %v: got success %t\n%s", arguments, ok, output)
		}
		printed.WriteString(output)
	}
	run(true, "apply", "-auto-approve", "-input=false", "-no-color")
	run(true, "plan", "-input=false", "-no-color", "-out=plan")
	run(true, "show", "-no-color")
	run(true, "show", "-no-color", "plan")
	run(true, "output", "-no-color")
	w.write("fails.tf", fails)
	run(false, "plan", "-input=false", "-no-color")

	traced, err := os.ReadFile(logFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(traced, []byte("HTTP request")) {
		t.Error("the log has no responses at TRACE")
	}
	state, err := os.ReadFile(filepath.Join(w.dir, "terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	const link, token = "sandbox-one-time-link", "sandbox-token-"
	if told, err := os.ReadFile(filepath.Join(w.dir, "told")); ephemeral && !strings.HasSuffix(string(told), link) {
		t.Errorf("the command was told %q, %v", told, err)
	}
	secrets := append([]string{link, token, s.TSIGSecret}, sandboxSecrets...)
	for where, text := range map[string]string{
		"what Terraform printed": printed.String(), "Terraform's log": string(traced), "the state": string(state),
		"the simulator's log": log.String(),
	} {
		if len(text) < 1000 {
			t.Errorf("%s is no more than %q", where, text)
		}
		wantNoSecrets(t, where, text, secrets...)
		for _, secret := range sandboxSecrets {
			// As HTTP's own scheme for a user and a password would have it.
			wantNoSecrets(t, where, text, base64.StdEncoding.EncodeToString([]byte(sandbox.ClientID+":"+secret)))
		}
	}
	t.Logf("searched %s bytes", strconv.Itoa(printed.Len()+len(traced)+len(state)+len(log.String())))
}

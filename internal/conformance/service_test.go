// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/certops/terraform-provider-certops/internal/exampletest"
	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandboxtest"
)

// standIn is a stand-in for the API of one DNS service, as much of it as the recipe's resources use.
type standIn struct {
	// source is the provider's source address.
	source string
	// start adds the API's requests to the service, and returns the provider block that leads there.
	start func(t *testing.T, s *service) string
	// env has further environment variables of Terraform; nil for none.
	env func(t *testing.T, s *service) map[string]string
	// replaces says that the provider makes a new resource for a new value.
	replaces bool
}

// standIns by folder of examples/recipes.
var standIns = map[string]standIn{
	"cloudflare":   {source: "cloudflare/cloudflare", start: startCloudflare},
	"digitalocean": {source: "digitalocean/digitalocean", start: startDigitalOcean},
	"gcore":        {source: "G-Core/gcore", start: startGcore},
	"hcloud":       {source: "hetznercloud/hcloud", start: startHcloud},
	"netlify":      {source: "netlify/netlify", start: startNetlify, replaces: true},
	"ns1":          {source: "ns1-terraform/ns1", start: startNS1},
	"ovh":          {source: "ovh/ovh", start: startOVH},
	"powerdns":     {source: "pan-net/powerdns", start: startPowerDNS, replaces: true},
	"vercel":       {source: "vercel/vercel", start: startVercel, env: vercelEnv},
}

// service keeps what is written to a stand-in, and puts it into the simulator's DNS, where the simulated authorities look.
type service struct {
	*httptest.Server

	sandbox *sandbox.Sandbox
	mux     *http.ServeMux

	mu      sync.Mutex // held while a request is answered
	last    int
	objects map[string]object // by id
}

// object is a record or a record set of a service.
type object struct {
	// zone and fqdn have no trailing dot. The rdatas are as in a zone file.
	zone, fqdn, kind string
	rdatas           []string
	// answer is the object in the words of the API.
	answer map[string]any
}

func startService(t *testing.T, s *sandbox.Sandbox) *service {
	t.Helper()
	service := &service{sandbox: s, mux: http.NewServeMux(), objects: make(map[string]object)}
	service.mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) {
		t.Errorf("the stand-in was asked for %s %s", req.Method, req.URL)
		http.NotFound(w, req)
	})
	service.Server = httptest.NewServer(service.mux)
	t.Cleanup(service.Close)
	return service
}

// body is the JSON object of a request.
type body map[string]any

// text is a member of the body, "" where it is absent.
func (b body) text(name string) string {
	text, _ := b[name].(string)
	return text
}

// handle answers requests with a status and with JSON, one after another. A nil answer has no body.
func (s *service) handle(pattern string, answer func(req *http.Request, b body) (int, any)) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, req *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		var b body
		if req.ContentLength != 0 {
			if err := json.NewDecoder(req.Body).Decode(&b); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
		}
		status, content := answer(req, b)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		if content != nil {
			if err := json.NewEncoder(w).Encode(content); err != nil {
				panic(err)
			}
		}
	})
}

// newID is the next of a service that counts.
func (s *service) newID() string {
	s.last++
	return strconv.Itoa(s.last)
}

// put stores an object, in place of the one with this id.
func (s *service) put(id string, o object) error {
	s.objects[id] = o
	return s.publish(o)
}

// remove deletes an object, and says whether it was there.
func (s *service) remove(id string) (bool, error) {
	o, ok := s.objects[id]
	delete(s.objects, id)
	return ok, s.publish(o)
}

// publish makes the simulator's DNS return what all objects say of one name and type.
func (s *service) publish(o object) error {
	if o.fqdn == "" {
		return nil
	}
	var rdatas []string
	for _, id := range slices.Sorted(maps.Keys(s.objects)) {
		if other := s.objects[id]; other.fqdn == o.fqdn && other.kind == o.kind {
			rdatas = append(rdatas, other.rdatas...)
		}
	}
	if len(rdatas) == 0 {
		return s.sandbox.DeleteRecords(o.fqdn+".", o.kind)
	}
	return s.sandbox.SetRecords(o.fqdn+".", o.kind, rdatas...)
}

// records are all, as "name type rdata".
func (s *service) records() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, o := range s.objects {
		for _, rdata := range o.rdatas {
			all = append(all, o.fqdn+". "+o.kind+" "+rdata)
		}
	}
	slices.Sort(all)
	return all
}

// inside is the full name of one that is relative to a zone; the apex is "" or "@".
func inside(zone, name string) string {
	if name == "" || name == "@" {
		return zone
	}
	return name + "." + zone
}

// target is the rdata of a service that takes a name without a trailing dot as relative to the zone.
func target(zone, value string) string {
	if strings.HasSuffix(value, ".") {
		return value
	}
	return value + "." + zone + "."
}

// isQuoted says whether a TXT value is in quotes.
func isQuoted(value string) bool {
	return len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"'
}

// testStandIn takes a recipe through the life of an order, against the simulator and a stand-in for the DNS service.
func testStandIn(t *testing.T, b builds, name string, in standIn) {
	tf := b.terraform(t, in.source)
	s := sandboxtest.Start(t, sandbox.Options{})
	service := startService(t, s)
	place := exampletest.Copy(t, "recipes/"+name)
	exampletest.Write(t, place, "provider.tf", in.start(t, service))
	var env map[string]string
	if in.env != nil {
		env = in.env(t, service)
	}
	testLife(t, tf, place, s, life{env: env, records: service.records, first: wanted(t, s), replaces: in.replaces})
}

// byID finds objects whose id is in the path.
func byID(req *http.Request) string { return req.PathValue("id") }

// get answers with the object that key finds.
func (s *service) get(key func(*http.Request) string, missing any) func(*http.Request, body) (int, any) {
	return func(req *http.Request, _ body) (int, any) {
		o, ok := s.objects[key(req)]
		if !ok {
			return http.StatusNotFound, missing
		}
		return http.StatusOK, o.answer
	}
}

// delete removes the object that key finds.
func (s *service) delete(key func(*http.Request) string, status int, answer any) func(*http.Request, body) (int, any) {
	return func(req *http.Request, _ body) (int, any) {
		found, err := s.remove(key(req))
		switch {
		case err != nil:
			return http.StatusInternalServerError, body{"message": err.Error()}
		case !found:
			return http.StatusNotFound, body{"message": "not found"}
		}
		return status, answer
	}
}

// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"cmp"
	"encoding/xml"
	"fmt"
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

// route53 is as much of Amazon Route 53 as aws_route53_record uses. What it is told, it puts into the simulator's DNS, where
// the simulated authorities look.
// Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
type route53 struct {
	*httptest.Server

	sandbox *sandbox.Sandbox
	zones   map[string]string // hosted zone id to zone

	mu      sync.Mutex
	changes int
	records map[string][]route53Set // by hosted zone id
}

type route53Set struct {
	Name   string   `xml:"Name"`
	Type   string   `xml:"Type"`
	TTL    int      `xml:"TTL"`
	Values []string `xml:"ResourceRecords>ResourceRecord>Value"`
}

const route53Namespace = "https://route53.amazonaws.com/doc/2013-04-01/"

func startRoute53(t *testing.T, s *sandbox.Sandbox, zones map[string]string) *route53 {
	t.Helper()
	r := &route53{sandbox: s, zones: zones, records: make(map[string][]route53Set)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2013-04-01/hostedzone/{zone}", r.hostedZone)
	mux.HandleFunc("POST /2013-04-01/hostedzone/{zone}/rrset", r.change)
	mux.HandleFunc("POST /2013-04-01/hostedzone/{zone}/rrset/", r.change)
	mux.HandleFunc("GET /2013-04-01/hostedzone/{zone}/rrset", r.list)
	mux.HandleFunc("GET /2013-04-01/change/{id}", func(w http.ResponseWriter, req *http.Request) {
		answerXML(w, http.StatusOK, "GetChangeResponse", changeInfo(req.PathValue("id")))
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) {
		t.Errorf("the stand-in for Route 53 was asked for %s %s", req.Method, req.URL)
		refuse(w, http.StatusNotFound, "NoSuchOperation", "not simulated")
	})
	r.Server = httptest.NewServer(mux)
	t.Cleanup(r.Close)
	return r
}

func answerXML(w http.ResponseWriter, status int, root, inside string) {
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "%s<%s xmlns=%q>%s</%s>\n", xml.Header, root, route53Namespace, inside, root)
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	answerXML(w, status, "ErrorResponse",
		"<Error><Type>Sender</Type><Code>"+code+"</Code><Message>"+escape(message)+"</Message></Error><RequestId>r</RequestId>")
}

func escape(text string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		return ""
	}
	return b.String()
}

func changeInfo(id string) string {
	return "<ChangeInfo><Id>/change/" + escape(id) + "</Id><Status>INSYNC</Status><SubmittedAt>2026-01-01T00:00:00Z</SubmittedAt></ChangeInfo>"
}

// zone is the zone of a request, "" when the response is given: there is none.
func (r *route53) zone(w http.ResponseWriter, req *http.Request) (id, name string) {
	id = req.PathValue("zone")
	name, ok := r.zones[id]
	if !ok {
		refuse(w, http.StatusNotFound, "NoSuchHostedZone", "No hosted zone found with ID: "+id)
		return id, ""
	}
	return id, name
}

func (r *route53) hostedZone(w http.ResponseWriter, req *http.Request) {
	id, name := r.zone(w, req)
	if name == "" {
		return
	}
	answerXML(w, http.StatusOK, "GetHostedZoneResponse", "<HostedZone><Id>/hostedzone/"+id+"</Id><Name>"+name+
		".</Name><CallerReference>test</CallerReference><Config><PrivateZone>false</PrivateZone></Config></HostedZone>"+
		"<DelegationSet><NameServers><NameServer>ns1."+name+"</NameServer></NameServers></DelegationSet>")
}

func (r *route53) change(w http.ResponseWriter, req *http.Request) {
	id, zone := r.zone(w, req)
	if zone == "" {
		return
	}
	var body struct {
		Changes []struct {
			Action string     `xml:"Action"`
			Set    route53Set `xml:"ResourceRecordSet"`
		} `xml:"ChangeBatch>Changes>Change"`
	}
	if err := xml.NewDecoder(req.Body).Decode(&body); err != nil {
		refuse(w, http.StatusBadRequest, "MalformedInput", err.Error())
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range body.Changes {
		set := c.Set
		set.Name = strings.TrimSuffix(strings.ToLower(set.Name), ".") + "."
		if err := r.apply(id, zone, c.Action, set); err != nil {
			refuse(w, http.StatusBadRequest, "InvalidChangeBatch", err.Error())
			return
		}
	}
	r.changes++
	answerXML(w, http.StatusOK, "ChangeResourceRecordSetsResponse", changeInfo("C"+strconv.Itoa(r.changes)))
}

// apply makes one change, as the real service judges it.
func (r *route53) apply(id, zone, action string, set route53Set) error {
	if set.Name != zone+"." && !strings.HasSuffix(set.Name, "."+zone+".") {
		return fmt.Errorf("RRSet with DNS name %s is not permitted in zone %s", set.Name, zone)
	}
	same := func(other route53Set) bool { return other.Name == set.Name && other.Type == set.Type }
	exists := slices.ContainsFunc(r.records[id], same)
	switch {
	case action == "CREATE" && exists:
		return fmt.Errorf("tried to create resource record set [name='%s', type='%s'] but it already exists", set.Name, set.Type)
	case action == "DELETE" && !exists:
		return fmt.Errorf("tried to delete resource record set [name='%s', type='%s'] but it was not found", set.Name, set.Type)
	}
	r.records[id] = slices.DeleteFunc(r.records[id], same)
	if action == "DELETE" {
		return r.sandbox.DeleteRecords(set.Name, set.Type)
	}
	rdata := slices.Clone(set.Values)
	for i, value := range rdata {
		switch set.Type {
		case "TXT":
			if len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' {
				return fmt.Errorf("invalid TXT value %s: it should be enclosed in quotation marks", value)
			}
		case "CNAME":
			rdata[i] = strings.TrimSuffix(value, ".") + "."
		}
	}
	r.records[id] = append(r.records[id], set)
	return r.sandbox.SetRecords(set.Name, set.Type, rdata...)
}

// list responses from a name and type on, in the order of the reversed labels.
func (r *route53) list(w http.ResponseWriter, req *http.Request) {
	id, zone := r.zone(w, req)
	if zone == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	key := func(s route53Set) string {
		labels := strings.Split(strings.TrimSuffix(s.Name, "."), ".")
		slices.Reverse(labels)
		return strings.Join(labels, "\x00") + "\x01" + s.Type
	}
	query := req.URL.Query()
	from := ""
	if name := query.Get("name"); name != "" {
		from = key(route53Set{Name: strings.ToLower(strings.TrimSuffix(name, ".") + "."), Type: query.Get("type")})
	}
	var inside strings.Builder
	inside.WriteString("<ResourceRecordSets>")
	for _, s := range slices.SortedFunc(slices.Values(r.records[id]), func(a, b route53Set) int { return cmp.Compare(key(a), key(b)) }) {
		if key(s) < from {
			continue
		}
		fmt.Fprintf(&inside, "<ResourceRecordSet><Name>%s</Name><Type>%s</Type><TTL>%d</TTL><ResourceRecords>", escape(s.Name), s.Type, s.TTL)
		for _, value := range s.Values {
			inside.WriteString("<ResourceRecord><Value>" + escape(value) + "</Value></ResourceRecord>")
		}
		inside.WriteString("</ResourceRecords></ResourceRecordSet>")
	}
	inside.WriteString("</ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>300</MaxItems>")
	answerXML(w, http.StatusOK, "ListResourceRecordSetsResponse", inside.String())
}

// values are all records, as "name type value".
func (r *route53) values() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []string
	for _, sets := range r.records {
		for _, s := range sets {
			for _, value := range s.Values {
				all = append(all, s.Name+" "+s.Type+" "+value)
			}
		}
	}
	slices.Sort(all)
	return all
}

// testRoute53 takes the recipe for Route 53 through the life of an order, against the simulator.
func testRoute53(t *testing.T, b builds) {
	tf := b.terraform(t, "hashicorp/aws")
	s := sandboxtest.Start(t, sandbox.Options{})
	fake := startRoute53(t, s, map[string]string{"Z0EXAMPLECOM": "example.com", "Z0EXAMPLENET": "example.net"})
	place := exampletest.Copy(t, "recipes/aws")
	exampletest.Write(t, place, "aws.tf", fmt.Sprintf(`provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
  endpoints {
    route53 = %q
  }
}
`, fake.URL))
	records := wanted(t, s)
	for i := range records {
		records[i] = strings.TrimSuffix(records[i], ".") // as the recipe writes targets
	}
	testLife(t, tf, place, s, life{records: fake.values, first: records})
}

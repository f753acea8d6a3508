// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package fourthvendor

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"time"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// The credentials and the orders that the simulator has.
const (
	service core.Service = "example_ca"
	account              = "sandbox-account"
	apiKey               = "sandbox-example-ca-key-not-a-secret"
	pending core.ID      = "ord-7f3a"
)

// simulator plays the API.
type simulator struct {
	core.Base
	certificate            []byte // DER
	certificatePEM, keyPEM string
}

// newSimulator makes a certificate for the client.
func newSimulator(base core.Base) core.Vendor {
	s := &simulator{Base: base}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return s
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(24 * time.Hour)}
	if s.certificate, err = x509.CreateCertificate(rand.Reader, template, template, key.Public(), key); err != nil {
		return s
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return s
	}
	s.certificatePEM = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.certificate}))
	s.keyPEM = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	return s
}

func (s *simulator) Profile() core.Profile {
	return core.Profile{
		Listeners: []core.Listener{{Service: service, Handler: http.HandlerFunc(s.serve), Error: failure, IDs: []string{"id"}, Asks: true}},
		NewOrder:  func() core.Spec { return &spec{} },
		ParseID: func(text string) (core.ID, error) {
			if !strings.HasPrefix(text, "ord-") {
				return "", errors.New("no order has such an id")
			}
			return core.ID(text), nil
		},
		Headers: []string{"X-Api-Key"}, Secrets: []string{apiKey}, Waiting: "order " + string(pending),
	}
}

func (s *simulator) Settings(url func(core.Service) string) []core.Setting {
	return []core.Setting{
		{Name: "account", Value: account}, {Name: "api_key", Value: apiKey}, {Name: "base_url", Value: url(service)},
		{Name: "client_certificate", Value: s.certificatePEM}, {Name: "client_key", Value: s.keyPEM},
	}
}

func (s *simulator) Seed() error {
	_, err := s.Add(spec{ID: pending, Names: []string{"www.example.com", "*.example.net"}})
	return err
}

func (s *simulator) Populate(number int64, name string, _ bool) (core.ID, error) {
	return s.Add(spec{ID: "ord-" + core.NumberID(number), Names: []string{name}})
}

func (s *simulator) PopulateMixed(number int64, domain string) (core.ID, core.Stage, error) {
	id, err := s.Populate(number, "*."+domain, false)
	return id, core.StageFailed, err
}

// spec is an order to add.
type spec struct {
	ID    core.ID  `json:"id"`
	Names []string `json:"names"`
}

func (s spec) Plan() (core.Plan, error) {
	plan := core.Plan{Service: service, Kind: "order", Status: state, ID: s.ID, Names: s.Names, Spec: s}
	plan.Checks = func(id core.ID, _ core.Quirks) (all []*core.Check) {
		for _, name := range s.Names {
			all = append(all, &core.Check{
				Challenge: core.Challenge{Domain: name, Names: []string{name}, Method: "DNS", Status: core.StatusPending},
				Seed:      string(id) + name, Assign: assign,
			})
		}
		return all
	}
	return plan, nil
}

func assign(c *core.Check, seed string) (expires bool) {
	c.Token = fmt.Sprintf("%x", core.Token(seed))[:32]
	c.Type, c.Name, c.Value = "CNAME", "_"+c.Token+"."+core.Canonical(c.Domain), c.Token+".dcv.ca.example"
	return false
}

func failure(status int) core.Reply {
	return core.JSON(status, core.Object{"fault": "E" + http.StatusText(status), "text": "Example CA refuses."})
}

func (s *simulator) serve(w http.ResponseWriter, r *http.Request) {
	var question struct{ ID core.ID }
	switch {
	case r.TLS == nil || len(r.TLS.PeerCertificates) == 0 || !bytes.Equal(r.TLS.PeerCertificates[0].Raw, s.certificate),
		r.Header.Get("X-Account") != account, r.Header.Get("X-Api-Key") != apiKey:
		failure(http.StatusUnauthorized).Write(w)
	case r.Method != http.MethodPost || r.URL.Path != "/v1/orders/search" || r.Header.Get("Content-Type") != "application/json":
		failure(http.StatusNotFound).Write(w)
	case json.NewDecoder(r.Body).Decode(&question) != nil:
		failure(http.StatusBadRequest).Write(w)
	case question.ID == "":
		s.List(service, func(all []*core.Order) core.Reply {
			orders := []core.Object{}
			for _, o := range all {
				orders = append(orders, view(o))
			}
			return core.JSON(http.StatusOK, core.Object{"orders": orders})
		}).Write(w)
	default:
		orders := []core.Object{}
		reply, ok := s.Read(r, service, question.ID, func(o *core.Order) core.Reply {
			return core.JSON(http.StatusOK, core.Object{"orders": append(orders, view(o))})
		})
		if !ok {
			reply = core.JSON(http.StatusOK, core.Object{"orders": orders})
		}
		reply.Write(w)
	}
}

// state is the API's word for where an order stands.
func state(o *core.Order) string { return strings.ToUpper(string(o.Stage)) }

// view is an order as the API shows it.
func view(o *core.Order) core.Object {
	states := map[core.Status]string{core.StatusPending: "AWAITING_DNS", core.StatusValidated: "VERIFIED", core.StatusFailed: "DENIED"}
	var names []core.Object
	for _, c := range o.Checks {
		n := core.Object{"name": c.Domain, "state": states[c.Status], "record": nil}
		if c.Status != core.StatusValidated {
			n["record"] = core.Object{"owner": c.Name, "target": c.Value}
		}
		names = append(names, n)
	}
	return core.Object{"id": o.ID, "state": state(o), "names": names, "added_later": true}
}

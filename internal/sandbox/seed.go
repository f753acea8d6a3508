// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
)

// samples are answers given byte for byte; samples/README.md says where each comes from.
//
//go:embed samples/*.json
var samples embed.FS

// sample returns a file of samples. A missing one, which tests rule out, reads as an empty answer.
func sample(name string) []byte {
	b, err := samples.ReadFile("samples/" + name)
	if err != nil {
		return nil
	}
	return b
}

// The objects that are there from the start. The first five answer with the samples of the vendors' documents and never
// change; the others are orders over example.com, example.net and example.org that wait for their records.
const (
	ProcessSample        ID = "2323533016"
	CertificateSample    ID = "11604"
	OrderSample          ID = "112211"
	DomainSample         ID = "1234"
	RequestSample        ID = "198"
	RequestSamplePending ID = "199"

	// ProcessPending waits for Sectigo's CNAME records of example.com, *.example.com (one record) and www.example.net.
	ProcessPending ID = "30001"
	// CertificatePending waits for one TXT token at cdn.example.com and cdn.example.net.
	CertificatePending ID = "40001"
	// CertificateUnplaced is not placed at the CA yet.
	CertificateUnplaced ID = "40002"
	// OrderPending waits for CNAME tokens of example.com with *.example.com, and of www.example.com, and for a TXT token of
	// shop.example.net.
	OrderPending ID = "20001"
	// OrderBaseDomain has app.example.org and api.example.org, validated together by one TXT record at example.org.
	OrderBaseDomain ID = "20002"
	// RequestPending is the approved request that OrderPending was made by.
	RequestPending ID = "20101"
)

// seed adds the objects that are there from the start.
func (s *Sandbox) seed() error {
	add := func(_ ID, err error) error { return err }
	companions := []ID{IDStatusForbidden, IDStatusNotFound, IDDCVForbidden, IDDCVNotFound, IDDeleted}
	steps := []func() error{
		func() error {
			return add(s.AddProcess(Process{ID: ProcessSample, Names: []string{"www.example.com", "mail.example.com", "files.example.net"}}))
		},
		func() error {
			return add(s.AddProcess(Process{ID: ProcessPending, Names: []string{"example.com", "*.example.com", "www.example.net"}}))
		},
		func() error {
			return add(s.AddCertificate(Certificate{
				ID: CertificateSample, Names: []string{"cdn-resources.example.com"}, Label: "CDN resources certificate",
			}))
		},
		func() error {
			return add(s.AddCertificate(Certificate{ID: CertificatePending, Names: []string{"cdn.example.com", "cdn.example.net"}}))
		},
		func() error {
			return add(s.AddCertificate(Certificate{ID: CertificateUnplaced, Names: []string{"static.example.com"}, Unplaced: true}))
		},
		func() error {
			return add(s.AddOrder(Order{ID: OrderSample, Names: []string{"sub.example.com"}, Method: "email", OrganizationID: 12345}))
		},
		func() error {
			return add(s.AddOrder(Order{
				ID: OrderPending, Names: []string{"example.com", "*.example.com", "www.example.com", "shop.example.net"},
				Methods: map[string]string{"shop.example.net": "dns-txt-token"},
			}))
		},
		func() error {
			return add(s.AddOrder(Order{
				ID: OrderBaseDomain, Names: []string{"app.example.org", "api.example.org"}, Method: "dns-txt-token",
				NameScope: "base_domain", OrganizationID: 12345,
			}))
		},
		func() error {
			return add(s.AddOrder(Order{ID: IDDomainForbidden, Names: []string{"forbidden.example.com"}}))
		},
		func() error {
			return add(s.AddRequest(CertificateRequest{ID: RequestPending, OrderID: OrderPending, Status: "approved"}))
		},
	}
	for _, id := range companions {
		steps = append(steps, func() error {
			return add(s.AddCertificate(Certificate{ID: id, Names: []string{fmt.Sprintf("c%s.example.com", id)}}))
		})
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return s.seedSamples()
}

// seedSamples marks the samples and adds what has no typed form.
func (s *Sandbox) seedSamples() error {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	for key, stage := range map[orderKey]Stage{
		{RealtimeRegister, ProcessSample}: StageTokenAssigned,
		{CPS, CertificateSample}:          StageTokenAssigned,
		{DigiCert, OrderSample}:           StageIssued,
	} {
		o := s.store.orders[key]
		o.sample, o.stage = true, stage
	}
	order := s.store.orders[orderKey{DigiCert, OrderSample}]
	delete(s.store.domains, order.checks[0].DomainID)
	order.checks[0].Domain, order.checks[0].DomainID, order.checks[0].Status = "example.com", DomainSample, StatusValidated
	s.store.domains[DomainSample] = &domain{id: DomainSample, order: order, check: order.checks[0]}
	s.store.orders[orderKey{CPS, CertificateSample}].checks[0].DomainID = "15230"

	for id, name := range map[ID]string{RequestSample: "request-198.json", RequestSamplePending: "request-198-pending.json"} {
		r := sampleObject(name)
		if len(r) == 0 {
			return fmt.Errorf("sandbox: sample %s cannot be read", name)
		}
		r["id"] = id
		s.store.requests[id] = r
	}
	return nil
}

// sampleObject returns a file of samples decoded. Numbers keep their text.
func sampleObject(name string) object {
	d := json.NewDecoder(bytes.NewReader(sample(name)))
	d.UseNumber()
	v := object{}
	if err := d.Decode(&v); err != nil {
		return object{}
	}
	return v
}

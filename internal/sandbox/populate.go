// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"fmt"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// populatedFrom is the id before that of the first populated object.
const populatedFrom = 1_000_000

// Populate adds n objects for each list: processes, certificates, orders and requests, with ids from 1,000,001 on (on from
// the last one when called again). Every second one is issued, the others wait for their records.
func (s *Sandbox) Populate(n int) error {
	if n < 0 {
		return fmt.Errorf("sandbox: cannot populate with %d objects", n)
	}
	s.store.mu.Lock()
	from := populatedFrom + s.store.populated
	s.store.populated += int64(n)
	s.store.mu.Unlock()
	for number := from + 1; number <= from+int64(n); number++ {
		id := core.NumberID(number)
		names := []string{fmt.Sprintf("p%s.example.com", id)}
		if _, err := s.AddProcess(Process{ID: id, Names: names}); err != nil {
			return err
		}
		if _, err := s.AddCertificate(Certificate{ID: id, Names: names}); err != nil {
			return err
		}
		if _, err := s.AddOrder(Order{ID: id, Names: names}); err != nil {
			return err
		}
		request := CertificateRequest{ID: id, OrderID: id}
		if number%2 == 0 {
			request.Status = "approved"
			for _, svc := range []Service{RealtimeRegister, CPS, DigiCert} {
				if err := s.Validate(svc, id, ""); err != nil {
					return err
				}
				if err := s.Issue(svc, id); err != nil {
					return err
				}
			}
		}
		if _, err := s.AddRequest(request); err != nil {
			return err
		}
	}
	return nil
}

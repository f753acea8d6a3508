// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import "fmt"

// populatedFrom is the id before that of the first populated object.
const populatedFrom = 1_000_000

// Populate adds n objects for each list of each vendor, with ids from 1,000,001 on (on from the last one when called
// again). Every second one is issued, the others wait for their records.
func (s *Sandbox) Populate(n int) error {
	if n < 0 {
		return fmt.Errorf("sandbox: cannot populate with %d objects", n)
	}
	last := populatedFrom + s.populated.Add(int64(n))
	for number := last - int64(n) + 1; number <= last; number++ {
		issued := number%2 == 0
		for _, v := range s.vendors {
			id, err := v.Populate(number, fmt.Sprintf("p%d.example.com", number), issued)
			if err != nil {
				return err
			}
			if !issued {
				continue
			}
			if err := s.Validate(v.service(), id, ""); err != nil {
				return err
			}
			if err := s.Issue(v.service(), id); err != nil {
				return err
			}
		}
	}
	return nil
}

// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"errors"
	"fmt"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// populatedFrom is the id before that of the first populated object.
const populatedFrom = 1_000_000

// Populate adds n objects for each list of each vendor, with ids from 1,000,001 on (on from the last one when called
// again). Every second one is issued, the others wait for their records.
func (s *Sandbox) Populate(n int) error {
	return s.populate(n, func(v vendor, number int64) error {
		stage := core.StageTokenAssigned
		if number%2 == 0 {
			stage = core.StageIssued
		}
		id, err := v.Populate(number, fmt.Sprintf("p%d.example.com", number), stage == core.StageIssued)
		if err != nil {
			return err
		}
		return s.bring(v.service(), id, stage)
	})
}

// PopulateMixed adds n objects for each list of each vendor, like Populate, in the states that real accounts have: names with
// parents, shared tokens, names that are validated beforehand, e-mail and HTTP, IP addresses, names in Unicode, and orders that
// are issued, that failed, that were canceled or are not placed. The states come in a fixed order, again and again.
func (s *Sandbox) PopulateMixed(n int) error {
	return s.populate(n, func(v vendor, number int64) error {
		id, stage, err := v.PopulateMixed(number, fmt.Sprintf("m%d.example.com", number))
		if err != nil {
			return err
		}
		return s.bring(v.service(), id, stage)
	})
}

// populate adds n objects of each vendor.
func (s *Sandbox) populate(n int, add func(v vendor, number int64) error) error {
	if n < 0 {
		return fmt.Errorf("sandbox: cannot populate with %d objects", n)
	}
	last := populatedFrom + s.populated.Add(int64(n))
	for number := last - int64(n) + 1; number <= last; number++ {
		for _, v := range s.vendors {
			if err := add(v, number); err != nil {
				return err
			}
		}
	}
	return nil
}

// bring brings a new order to a stage.
func (s *Sandbox) bring(svc Service, id ID, stage core.Stage) error {
	switch stage {
	case core.StageIssued:
		return errors.Join(s.Validate(svc, id, ""), s.Issue(svc, id))
	case core.StageFailed:
		return s.Fail(svc, id, "")
	case core.StageCanceled:
		return s.Cancel(svc, id)
	}
	return nil
}

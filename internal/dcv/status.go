// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

// Status tells where a domain validation stands, in words that are the same for every vendor.
type Status string

const (
	// StatusPending means that the CA waits to see the record, or still works on what it saw.
	StatusPending Status = "pending"
	// StatusActionRequired means that the vendor asks the user to do something other than wait.
	StatusActionRequired Status = "action_required"
	// StatusValidated means that the CA accepts the domain.
	StatusValidated Status = "validated"
	// StatusFailed means that the CA gave up on the domain.
	StatusFailed Status = "failed"
	// StatusUnknown means that the vendor told nothing, or a word that has no known meaning.
	StatusUnknown Status = "unknown"
)

// rank orders the statuses from the least to the most advanced. A word that is not one of the constants ranks with
// StatusUnknown.
func (s Status) rank() int {
	switch s {
	case StatusFailed:
		return 0
	case StatusActionRequired:
		return 1
	case StatusPending:
		return 2
	case StatusValidated:
		return 4
	default:
		return 3
	}
}

// CompareStatus orders statuses from the least to the most advanced, as [cmp.Compare] does.
func CompareStatus(a, b Status) int { return a.rank() - b.rank() }

// Normalized replaces a word that is not one of the constants by StatusUnknown.
func (s Status) Normalized() Status {
	switch s {
	case StatusPending, StatusActionRequired, StatusValidated, StatusFailed:
		return s
	default:
		return StatusUnknown
	}
}

// leastAdvanced returns the status that keeps a record shared by both from being done.
func leastAdvanced(a, b Status) Status {
	if b.rank() < a.rank() {
		return b
	}
	return a
}

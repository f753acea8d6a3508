// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

const (
	// maxKept bounds the bytes kept of one answer, and of all answers to one question together. An answer may be
	// 64 kB, a zone may have 64 servers, and a check may be of 400 records: 1.6 GB.
	maxKept = 8 << 10
	// maxAnswerValues bounds the bytes of values kept of one answer, less than maxKept so that two servers which
	// differ are both shown.
	maxAnswerValues = maxKept / 2
)

// found is what the records of an answer hold, within bounds. Whether a value that an expectation looks for is there
// is always kept.
type found struct {
	wanted []string // values that some expectation of the run looks for, as sent
	others []string // other values, sorted, as a Result shows them
	more   int      // how many other values were left out
	caa    *caaSet  // for questions about CAA
}

// size is about how many bytes it takes.
func (f *found) size() int {
	size := 0
	for _, v := range f.others {
		size += len(v)
	}
	if f.caa != nil {
		size += f.caa.size()
	}
	return size
}

// read keeps of the records of one type and name what the run may need.
func (r *run) read(records []dns.RR) (*found, error) {
	f := &found{}
	var caa []*dns.CAA
	for _, rr := range records {
		var value string
		switch rr := rr.(type) {
		case *dns.TXT:
			value = joined(rr)
		case *dns.CNAME:
			value = rr.Target
		case *dns.CAA:
			caa = append(caa, rr)
			continue
		}
		if r.isWanted(rr.Header().Rrtype, value) {
			f.wanted = append(f.wanted, strings.Clone(value))
			continue
		}
		if rr.Header().Rrtype == dns.TypeCNAME {
			value = bare(value)
		}
		f.others = append(f.others, printable(value, maxValue))
	}
	slices.Sort(f.wanted)
	f.wanted = slices.Compact(f.wanted)
	slices.Sort(f.others)
	f.others = slices.Compact(f.others)
	kept, size := 0, 0
	for ; kept < len(f.others) && size+len(f.others[kept]) <= maxAnswerValues; kept++ {
		size += len(f.others[kept])
	}
	f.more = len(f.others) - kept
	f.others = slices.Clone(f.others[:kept])

	if len(caa) > 0 {
		f.caa = readCAA(caa)
		if f.caa.size() > maxAnswerValues {
			return nil, fmt.Errorf("has %d CAA records, which is more than can be judged", len(caa))
		}
	}
	return f, nil
}

// isWanted tells whether some expectation of the run looks for a value.
func (r *run) isWanted(qtype uint16, value string) bool {
	if qtype == dns.TypeCNAME {
		value = canonical(value)
	}
	_, wanted := r.wanted[value]
	return wanted
}

// bound lets equal answers share what they hold, and drops what is too much for one question. The answers are
// sorted, so that the same ones are dropped each time.
func bound(answers []answer) {
	var (
		kept []*found
		size int
	)
	for i := range answers {
		a := &answers[i]
		if a.found == nil {
			continue
		}
		if a.found.size() > 0 && size+a.found.size() > maxKept && !slices.ContainsFunc(kept, a.found.equal) {
			if a.found.caa != nil {
				*a = answer{from: a.from, kind: kindFailed, err: errManyCAA}
				continue
			}
			a.found = &found{wanted: a.found.wanted, more: a.found.more + len(a.found.others)}
		}
		if same := slices.IndexFunc(kept, a.found.equal); same >= 0 {
			a.found = kept[same]
			continue
		}
		kept = append(kept, a.found)
		size += a.found.size()
	}
}

var errManyCAA = errors.New("has CAA records that differ from those of many other servers")

func (f *found) equal(other *found) bool { return reflect.DeepEqual(f, other) }

// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/dnscheck/resolve"
)

const (
	// maxKept bounds the bytes kept of one response, and of all responses to one question together. An answer may be
	// 64 kB, a zone may have 64 servers, and a check may be of 400 records: 1.6 GB.
	maxKept = 8 << 10
	// maxAnswerValues bounds the bytes of values kept of one answer, less than maxKept so that two servers which
	// differ are both shown.
	maxAnswerValues = maxKept / 2
)

// recordSet is what the records of a response hold, within bounds. Whether a value that an expectation looks for is there
// is always kept.
type recordSet struct {
	expected []string // values that some expectation of the run looks for, as sent
	others   []string // other values, sorted, as a Result shows them
	omitted  int      // how many other values were left out
	// tokens are the values that some expectation looks for and that stand within others, and persistent what persistent
	// records say of the accounts that some expectation looks for.
	tokens     []string
	persistent []dcv.Persistent
	caa        *caaSet // for questions about CAA
}

// size is about how many bytes it takes.
func (s *recordSet) size() int {
	size := 0
	for _, v := range s.others {
		size += len(v)
	}
	if s.caa != nil {
		size += s.caa.size()
	}
	return size
}

// recordReader reads the records of responses.
type recordReader struct {
	// values are those that some expectation of the run looks for, by [expectation.key].
	values map[string]struct{}
	// tokens are those that count within a longer value, by their first two bytes. starts has what they begin with: hostile
	// servers send much, and an index into an array is fast.
	tokens map[string][]string
	starts [1 << 16]bool
	// accounts are the authorities and accounts of persistent records, without an end.
	accounts map[dcv.Persistent]struct{}
}

// newReader returns the reader for the expectations of a run.
func newReader(expectations map[string]Expectation) *recordReader {
	r := &recordReader{
		values: make(map[string]struct{}, len(expectations)), tokens: make(map[string][]string), accounts: make(map[dcv.Persistent]struct{}),
	}
	for _, given := range expectations {
		e, err := newExpectation(given)
		if err != nil {
			continue
		}
		r.values[e.key()] = struct{}{}
		if e.within && len(e.value) > 1 {
			start := e.value[:2]
			r.starts[startOf(e.value)] = true
			if !slices.Contains(r.tokens[start], e.value) {
				r.tokens[start] = append(r.tokens[start], e.value)
			}
		}
		for _, issuer := range e.issuers {
			r.accounts[dcv.Persistent{Issuer: issuer, Account: e.persistent.Account}] = struct{}{}
		}
	}
	return r
}

func startOf(s string) uint16 { return uint16(s[0])<<8 | uint16(s[1]) }

// shortestToken is the length that no token of an authority falls below: 112 bits (random value in BR 1.6.1) in letters and
// digits. DigiCert's have 32 characters.
const shortestToken = 19

// isWord tells whether no letter or digit adjoins a part of a text: "ok" is no word of "token".
func isWord(text string, from, to int) bool {
	return (from == 0 || !isAlphanumeric(text[from-1])) && (to == len(text) || !isAlphanumeric(text[to]))
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

// addTokens adds the tokens that stand within a value, as DigiCert finds them. A token shorter than shortestToken is not DigiCert's:
// it comes from a test or a typing error. Many texts contain it by chance. So it counts only as a word.
func (r *recordReader) addTokens(s *recordSet, value string) {
	for i := range max(0, len(value)-1) {
		if !r.starts[startOf(value[i:])] {
			continue
		}
		for _, token := range r.tokens[value[i:i+2]] {
			if !strings.HasPrefix(value[i:], token) || len(token) < shortestToken && !isWord(value, i, i+len(token)) {
				continue
			}
			if !slices.Contains(s.tokens, token) {
				s.tokens = append(s.tokens, token)
			}
		}
	}
}

// addPersistent adds what a value says as a persistent record. Of several for one account the last to end counts.
func (r *recordReader) addPersistent(s *recordSet, value string) {
	if len(r.accounts) == 0 {
		return
	}
	p, err := dcv.ParsePersistent(value)
	if err != nil {
		return
	}
	if _, expected := r.accounts[dcv.Persistent{Issuer: p.Issuer, Account: p.Account}]; !expected {
		return
	}
	same := slices.IndexFunc(s.persistent, func(other dcv.Persistent) bool {
		return other.Issuer == p.Issuer && other.Account == p.Account && other.Wildcard == p.Wildcard
	})
	if same < 0 {
		p.Issuer, p.Account = strings.Clone(p.Issuer), strings.Clone(p.Account)
		s.persistent = append(s.persistent, p)
		return
	}
	s.persistent[same].Until = max(s.persistent[same].Until, p.Until)
}

// Read implements [resolve.Reader].
func (r *recordReader) Read(records []dns.RR) (*recordSet, error) {
	s := &recordSet{}
	var caa []*dns.CAA
	for _, rr := range records {
		var value string
		switch rr := rr.(type) {
		case *dns.TXT:
			value = joined(rr)
			r.addTokens(s, value)
			r.addPersistent(s, value)
		case *dns.CNAME:
			value = rr.Target
		case *dns.CAA:
			caa = append(caa, rr)
			continue
		}
		if r.isExpected(rr.Header().Rrtype, value) {
			s.expected = append(s.expected, strings.Clone(value))
			continue
		}
		if rr.Header().Rrtype == dns.TypeCNAME {
			value = resolve.TrimDot(value)
		}
		s.others = append(s.others, resolve.Printable(value, maxValue))
	}
	slices.Sort(s.expected)
	s.expected = slices.Compact(s.expected)
	slices.Sort(s.tokens)
	slices.SortFunc(s.persistent, func(a, b dcv.Persistent) int {
		return cmp.Or(strings.Compare(a.Issuer, b.Issuer), strings.Compare(a.Account, b.Account), cmp.Compare(a.Until, b.Until))
	})
	slices.Sort(s.others)
	s.others = slices.Compact(s.others)
	kept, size := 0, 0
	for ; kept < len(s.others) && size+len(s.others[kept]) <= maxAnswerValues; kept++ {
		size += len(s.others[kept])
	}
	s.omitted = len(s.others) - kept
	s.others = slices.Clone(s.others[:kept])

	if len(caa) > 0 {
		s.caa = readCAA(caa)
		if s.caa.size() > maxAnswerValues {
			return nil, fmt.Errorf("has %d CAA records, which is more than can be judged", len(caa))
		}
	}
	return s, nil
}

// isExpected tells whether some expectation of the run looks for a value.
func (r *recordReader) isExpected(qtype uint16, value string) bool {
	if qtype == dns.TypeCNAME {
		value = canonical(value)
	}
	_, expected := r.values[value]
	return expected
}

// Bound implements [resolve.Reader]. It lets equal responses share what they hold, and drops what is too much for one
// question. The responses are sorted, so that the same ones are dropped each time.
func (r *recordReader) Bound(responses []resolve.Response[*recordSet]) {
	var (
		kept []*recordSet
		size int
	)
	for i := range responses {
		response := &responses[i]
		set := response.Records
		if set == nil {
			continue
		}
		if set.size() > 0 && size+set.size() > maxKept && !slices.ContainsFunc(kept, set.equal) {
			if set.caa != nil {
				response.Kind, response.Records, response.Err = resolve.Failed, nil, errManyCAA
				continue
			}
			set = &recordSet{expected: set.expected, tokens: set.tokens, persistent: set.persistent, omitted: set.omitted + len(set.others)}
		}
		if same := slices.IndexFunc(kept, set.equal); same >= 0 {
			response.Records = kept[same]
			continue
		}
		response.Records = set
		kept = append(kept, set)
		size += set.size()
	}
}

var errManyCAA = errors.New("has CAA records that differ from those of many other servers")

func (s *recordSet) equal(other *recordSet) bool { return reflect.DeepEqual(s, other) }

// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package dnscheck looks at DNS the way a certificate authority does. It asks the authoritative servers of a zone whether
// the record that proves control of a domain is there, and whether the CAA records (RFC 8659) let the authority issue.
// Package resolve finds and asks the servers, package dnssec validates what they say.
//
// Nothing is cached between two calls of [Checker.Check]. Each call sees DNS as it is at that moment.
package dnscheck

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/dnscheck/dnssec"
	"github.com/certops/terraform-provider-certops/internal/dnscheck/resolve"
)

// What a check can find, from best to worst. When the servers of a zone disagree, the worst is the result.
const (
	// StatusPublished: every server that answers has the expected record.
	StatusPublished = "published"
	// StatusMissing: the owner name does not exist (NXDOMAIN) or has no record of the type (NODATA).
	StatusMissing = "missing"
	// StatusWrongValue: there are records of the type, none with the expected value.
	StatusWrongValue = "wrong_value"
	// StatusShadowedByCNAME: a TXT record is expected where there is a CNAME, and the CNAME does not lead to it.
	StatusShadowedByCNAME = "shadowed_by_cname"
	// StatusBlocked: a CNAME is expected where other records stand, beside which it cannot stand.
	StatusBlocked = "blocked_by_other_records"
	// StatusNotDelegated: no parent zone delegates the zone the record belongs to.
	StatusNotDelegated = "not_delegated"
	// StatusError: no server gave a usable answer, so nothing is known about the record.
	StatusError = "error"
)

// What CAA records say about the authority, see [Result.CAA].
const (
	// CAAAllowed: there are CAA records and they let the authority issue.
	CAAAllowed = "allowed"
	// CAARestricted: the CAA records let the authority issue, under conditions (RFC 8657) that DNS does not tell to be met, or
	// that the authority does not have to obey yet.
	CAARestricted = "restricted"
	// CAAForbidden: there are CAA records and they do not let the authority issue.
	CAAForbidden = "forbidden"
	// CAANone: there are no CAA records, so every authority may issue.
	CAANone = "none"
)

// What DNSSEC says about the record and the CAA records, see [Result.DNSSEC].
const (
	// DNSSECSecure: signatures lead from the root's trust anchor to the answers.
	DNSSECSecure = string(dnssec.Secure)
	// DNSSECInsecure: a zone above proves that the zone is not signed.
	DNSSECInsecure = string(dnssec.Insecure)
	// DNSSECBogus: the zone should be signed and its signatures do not hold. Authorities refuse.
	DNSSECBogus = string(dnssec.Bogus)
	// DNSSECUnknown: not enough could be asked, as where [Checker.Nameservers] neither validate nor resolve names.
	DNSSECUnknown = string(dnssec.Unknown)
)

// defaultParallel is the number of records that a Checker looks up at the same time.
const defaultParallel = 32

// Checker looks records up. The zero value asks the public DNS. Several goroutines may use a Checker at once. Its fields
// must not change while it is in use.
type Checker struct {
	// Roots are the root servers to start from, as host:port. Empty means the servers of IANA's root hints.
	Roots []string
	// Port is the port of all delegated servers. Empty means 53. Other ports serve private DNS trees and tests.
	Port string
	// Nameservers, each host:port, are asked instead of the authoritative servers. They may be recursive. A verdict of theirs on
	// signatures counts: the AD bit is secure, and SERVFAIL that turns into an answer with the CD bit is bogus. The answers of a
	// resolver without a verdict are validated here.
	Nameservers []string
	// Timeout is the time that one query may take. Each is sent twice over UDP. 0 means 2 s.
	Timeout time.Duration
	// Parallel is the number of records looked up at the same time. 0 means 32.
	Parallel int
	// Dialer opens connections. Nil means a net.Dialer.
	Dialer resolve.Dialer
	// TrustAnchors is a file of DS or DNSKEY records of the root, in zone-file form. Empty means IANA's trust anchors for
	// the public root, and none for Roots: everything below them is insecure then.
	TrustAnchors string
	// Now is the time at which rules are judged and signatures must be valid. The zero time means the time of the check.
	Now time.Time
	// Found gets each result as soon as there is one, one at a time and in no order. Nil means nobody does.
	Found func(key string, result Result)
}

// Expectation is one record that should be in DNS.
type Expectation struct {
	// Type is TXT or CNAME, in any case.
	Type string
	// FQDN is the owner name, with or without a trailing dot.
	FQDN string
	// AlsoAt are further owner names at which the authority accepts the record. They are looked at when FQDN does not have it.
	AlsoAt []string
	// Value is the TXT value, byte for byte and neither quoted nor cut, or the CNAME target with or without a trailing dot. A TXT
	// record that contains it counts at _dnsauth labels and where AlsoAt has an owner, as for DigiCert. At _validation-persist
	// labels it is the value of a persistent record: the authority and the account count.
	Value string
	// Zone is the zone that the record is meant to be in. Empty means whatever zone the delegations lead to.
	Zone string
	// Domains are the names on the certificate that the record validates, wildcards included. Their CAA records
	// are judged. Empty means the owner name without its leading underscore labels.
	Domains []string
	// Issuers are the names by which the authority knows itself in CAA records, such as [DigiCertIssuers].
	// Empty means what [IssuersFor] infers from the record.
	Issuers []string
}

// Result is what was found for one Expectation. The same DNS gives the same Result: all lists are sorted, and empty
// rather than nil.
type Result struct {
	// Status is one of the Status constants.
	Status string
	// Expected is the value looked for: the TXT value, or the CNAME target without trailing dot.
	Expected string
	// Observed holds the distinct values the servers returned for the type at the owner name, or, for a TXT
	// record behind CNAMEs, at their end. Bytes that are not printable text are written \DDD as in a zone file.
	Observed []string
	// Nameservers are the servers asked, as host:port.
	Nameservers []string
	// CAA is one of the CAA constants, or empty when CAA could not be looked up or the authority is not known.
	CAA string
	// DNSSEC is one of the DNSSEC constants: what validation makes of the record and of the CAA records, the worst of them.
	DNSSEC string
	// Message says in plain English what was found, at which server, and what to change.
	Message string
}

// Ready tells whether DNS lets a certificate authority issue, as far as it can be seen from here.
func (r Result) Ready() bool {
	return r.Status == StatusPublished && r.CAA != CAAForbidden && r.DNSSEC != DNSSECBogus
}

// Check looks all records up and returns one Result for each key. It does not fail. What goes wrong, the end of ctx
// included, is a Result with [StatusError]. It returns within moments of the end of ctx and leaves no goroutine behind.
func (c *Checker) Check(ctx context.Context, expectations map[string]Expectation) map[string]Result {
	results := make(map[string]Result, len(expectations))
	if len(expectations) == 0 {
		return results
	}

	r, err := newRun(c, expectations)
	if err != nil {
		for key, e := range expectations {
			results[key] = newResult(e, sentence(err.Error()))
			if c.Found != nil {
				c.Found(key, results[key])
			}
		}
		return results
	}

	parallel := c.Parallel
	if parallel <= 0 {
		parallel = defaultParallel
	}
	keys := make(chan string)
	var (
		mu sync.Mutex
		wg sync.WaitGroup
	)
	for range min(parallel, len(expectations)) {
		wg.Go(func() {
			for key := range keys {
				result := r.check(ctx, expectations[key])
				mu.Lock()
				results[key] = result
				if c.Found != nil {
					c.Found(key, result)
				}
				mu.Unlock()
			}
		})
	}
	for key := range expectations {
		keys <- key
	}
	close(keys)
	wg.Wait()
	return results
}

// run is one Check: what it learns about DNS is shared by all its records.
type run struct {
	resolver  *resolve.Resolver[*recordSet]
	validator *dnssec.Validator
	// nameserversGiven tells that the servers asked are those of [Checker.Nameservers].
	nameserversGiven bool
	now              time.Time
}

func newRun(c *Checker, expectations map[string]Expectation) (*run, error) {
	config := resolve.Config{Port: c.Port, Timeout: c.Timeout, Dialer: c.Dialer}
	var err error
	if config.Roots, err = parseNameservers(c.Roots); err != nil {
		return nil, err
	}
	if config.Nameservers, err = parseNameservers(c.Nameservers); err != nil {
		return nil, err
	}
	now := c.Now
	if now.IsZero() {
		now = time.Now()
	}
	validator, err := newValidator(c, now)
	if err != nil {
		return nil, err
	}
	return &run{
		resolver: resolve.New(config, newReader(expectations)), validator: validator, nameserversGiven: len(config.Nameservers) > 0, now: now,
	}, nil
}

// newResult is the Result of an Expectation about which nothing is known.
func newResult(e Expectation, message string) Result {
	return Result{
		Status:      StatusError,
		Expected:    expected(e),
		Observed:    []string{},
		Nameservers: []string{},
		DNSSEC:      DNSSECUnknown,
		Message:     message,
	}
}

// expected is the value of e as a Result shows it.
func expected(e Expectation) string {
	if !strings.EqualFold(e.Type, "CNAME") {
		return e.Value
	}
	target := resolve.TrimDot(e.Value)
	if canonical(target) != dns.CanonicalName(target) {
		// A name in Unicode has no case to keep: its labels go over the wire in punycode.
		return resolve.TrimDot(canonical(target))
	}
	return target
}

// canonical is the one spelling of a name used throughout the package: lower case, punycode, trailing dot.
func canonical(name string) string {
	return dns.CanonicalName(dcv.CanonicalDomain(name))
}

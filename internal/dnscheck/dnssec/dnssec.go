// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package dnssec validates records as a resolver does on behalf of a certificate authority (RFC 4033 to 4035, 5155, 6840): from
// a trust anchor for the root down to the records, or to the proof that there are none.
//
// It errs on one side. Bogus means that a certificate authority refuses, so a zone is bogus only if that is certain.
// Whatever the package cannot judge is unknown.
//
// Names are canonical throughout: lower case, punycode, with a trailing dot.
package dnssec

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/callgroup"
)

// Status says what DNSSEC makes of records.
type Status string

// The outcomes of RFC 4033, section 5.
const (
	Secure   Status = "secure"   // signatures lead from the trust anchor to the records
	Insecure Status = "insecure" // a zone above proves that there are no signatures to expect
	Bogus    Status = "bogus"    // signatures should be there and do not hold
	Unknown  Status = "unknown"  // not enough could be asked or judged
)

// rank orders statuses: of several links of a chain the highest counts.
var rank = map[Status]int{Secure: 0, Insecure: 1, Unknown: 2, Bogus: 3}

// Result is what validation finds.
type Result struct {
	Status Status
	// Reason says why the status is not Secure: a clause without a full stop. It is empty for Secure.
	Reason string
}

// WorseThan tells whether r counts where both results do.
func (r Result) WorseThan(other Result) bool { return rank[r.Status] > rank[other.Status] }

// Source asks the authoritative servers of zones.
type Source interface {
	// Zones returns the apexes of the zones from the root to the one that holds name.
	Zones(ctx context.Context, name string) ([]string, error)
	// Fetch asks the servers of the zone at apex for name and type, with DO set (RFC 4035, section 3.1), until read
	// accepts a response. Several goroutines may call read at once.
	Fetch(ctx context.Context, apex, name string, qtype uint16, read func(*dns.Msg) error) error
}

// A hostile zone decides how much there is to verify (CVE-2023-50387, CVE-2023-50868). These bounds are far above what
// sound zones need.
const (
	// maxAliases bounds the CNAMEs followed from one name.
	maxAliases = 8
	// maxZones bounds the zones between the root and a name.
	maxZones = 16
	// maxVerifications bounds the signatures and digests computed for one name, all servers and aliases together.
	maxVerifications = 128
	// maxKeys bounds the DNSKEY records of a zone, and maxDS the DS records for it.
	maxKeys, maxDS = 64, 32
	// maxKeyText bounds the text of all keys of a zone, which are kept. A key of RSA with 4096 bits has 700 bytes.
	maxKeyText = 16 << 10
	// maxSignatures bounds the signatures of one RRset.
	maxSignatures = 32
	// maxRecords bounds the records of one RRset.
	maxRecords = 500
	// maxDenials bounds the NSEC or NSEC3 records of one response. A proof needs three.
	maxDenials = 8
	// maxIterations is how many NSEC3 iterations are computed. More of them count as insecure (RFC 9276, section 3.2).
	maxIterations = 150
)

// Validator validates records at one moment. It keeps what it learns, so it is for one run. Several goroutines
// may use it at once. [New] makes one.
type Validator struct {
	anchors []dns.RR
	now     time.Time

	zones callgroup.Group[*zone]
	links callgroup.Group[link] // by name and type
}

// link is what is found at one name. target is where its CNAME leads, or empty.
type link struct {
	Result
	target string
}

// New returns a Validator that trusts the anchors, which are DS or DNSKEY records of the root. Without an anchor every
// zone is insecure. Signatures must be valid at the time now.
func New(anchors []dns.RR, now time.Time) *Validator {
	return &Validator{
		anchors: anchors, now: now, zones: callgroup.Group[*zone]{Keep: true}, links: callgroup.Group[link]{Keep: true},
	}
}

// work is the work for one name.
type work struct{ left atomic.Int64 }

// spend tells whether one more signature or digest may be computed.
func (w *work) spend() bool { return w.left.Add(-1) >= 0 }

var errTooMuch = unknown("there are more keys and signatures than a sound zone has")

// Validate asks src for the records at name, and for those at the targets of its CNAMEs. qtype is any type but DS, which
// belongs to the zone above.
func (v *Validator) Validate(ctx context.Context, src Source, name string, qtype uint16) Result {
	if len(v.anchors) == 0 {
		return Result{Insecure, "there is no trust anchor for the root"}
	}
	w := &work{}
	w.left.Store(maxVerifications)
	total := Result{Status: Secure}
	names := []string{name}
	for {
		l, err := v.links.Do(ctx, name+" "+typeName(qtype), func(ctx context.Context) (link, error) {
			return v.link(ctx, src, w, name, qtype), nil
		})
		if err != nil {
			return Result{Unknown, "the look-up of " + trimDot(name) + " was stopped"}
		}
		if l.WorseThan(total) {
			total = l.Result
		}
		// A name met before is a loop; there is nothing more behind it.
		if l.target == "" || total.Status == Bogus || slices.Contains(names, l.target) {
			return total
		}
		if names = append(names, l.target); len(names) > maxAliases {
			return Result{Unknown, fmt.Sprintf("the CNAMEs of %s lead through more than %d names", trimDot(names[0]), maxAliases)}
		}
		name = l.target
	}
}

// link validates the records at one name.
func (v *Validator) link(ctx context.Context, src Source, w *work, name string, qtype uint16) link {
	apexes, err := src.Zones(ctx, name)
	if err != nil {
		return link{Result: Result{Unknown, fmt.Sprintf("the zones above %s could not be found: %s", trimDot(name), err)}}
	}
	if len(apexes) == 0 || len(apexes) > maxZones {
		return link{Result: Result{Unknown, fmt.Sprintf("%s is in more than %d zones", trimDot(name), maxZones)}}
	}
	z := v.chain(ctx, src, w, apexes)
	if z.status != Secure && z.status != Insecure {
		return link{Result: Result{z.status, z.reason}}
	}
	apex := apexes[len(apexes)-1]
	found, failed := fetch(ctx, src, apex, name, qtype, func(m *dns.Msg) (answer, *failure) {
		if z.status == Insecure {
			return readUnsigned(m, apex, name, qtype)
		}
		return v.readAnswer(w, m, z, name, qtype)
	})
	if failed != nil && failed.status == Bogus {
		if reason, other := v.hiddenCut(ctx, src, w, z, name); other != nil {
			failed = other
		} else if reason != "" {
			return link{Result: Result{Insecure, reason}}
		}
	}
	switch {
	case failed != nil:
		return link{Result: Result{failed.status, failed.reason}}
	case z.status == Insecure:
		return link{Result{Insecure, z.reason}, found.target}
	case found.insecure != "":
		return link{Result{Insecure, found.insecure}, found.target}
	default:
		return link{Result{Status: Secure}, found.target}
	}
}

// failure is why records do not validate. Its status is Bogus or Unknown.
type failure struct {
	status  Status
	reason  string
	foreign bool // it is about a signature by a key that is not known
	useless bool // the response says nothing about the zone
}

// Error makes a failure what a [Source] may report of a server.
func (f *failure) Error() string { return "gave a response that does not validate: " + f.reason }

func bogus(format string, arguments ...any) *failure {
	return &failure{status: Bogus, reason: fmt.Sprintf(format, arguments...)}
}

func unknown(format string, arguments ...any) *failure {
	return &failure{status: Unknown, reason: fmt.Sprintf(format, arguments...)}
}

// order tells which of several failures counts: the lowest. What could not be judged may have been good, so it goes before
// what is bogus. A response that says nothing changes nothing.
func (f *failure) order() int {
	switch {
	case f.useless:
		return 3
	case f.foreign:
		return 2
	case f.status == Bogus:
		return 1
	default:
		return 0
	}
}

// fetch returns what read makes of the first response that it accepts. One server that lags behind does not make a zone
// bogus: resolvers try the others, too.
func fetch[V any](
	ctx context.Context, src Source, apex, name string, qtype uint16, read func(*dns.Msg) (V, *failure),
) (V, *failure) {
	var (
		mu       sync.Mutex
		accepted bool
		value    V
		failed   *failure
	)
	err := src.Fetch(ctx, apex, name, qtype, func(m *dns.Msg) error {
		got, problem := read(m)
		mu.Lock()
		defer mu.Unlock()
		switch {
		case problem == nil && !accepted:
			accepted, value = true, got
		case problem != nil:
			if failed == nil || problem.order() < failed.order() {
				failed = problem
			}
			return problem
		}
		return nil
	})
	mu.Lock()
	defer mu.Unlock()
	what := trimDot(name) + " " + typeName(qtype)
	switch {
	case accepted:
		return value, nil
	case ctx.Err() != nil:
		return value, unknown("the look-up of %s was stopped", what)
	case failed != nil:
		return value, failed
	default:
		return value, unknown("no server of the zone %s gave a usable answer for %s: %s", trimDot(apex), what, err)
	}
}

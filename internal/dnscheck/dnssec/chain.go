// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnssec

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// zone is what is known about a zone.
type zone struct {
	apex   string
	status Status
	reason string    // unless the status is Secure
	keys   []zoneKey // that may sign records, if the status is Secure
}

// zoneKey is a key with its tag, which takes time to compute.
type zoneKey struct {
	*dns.DNSKEY
	tag uint16
}

// chain validates the zones from the root down, until one is not secure, and returns the last of them.
func (v *Validator) chain(ctx context.Context, src Source, w *work, apexes []string) *zone {
	var z *zone
	for _, apex := range apexes {
		parent := z
		found, err := v.zones.Do(ctx, apex, func(ctx context.Context) (*zone, error) {
			if parent == nil {
				return v.root(ctx, src, w), nil
			}
			return v.child(ctx, src, w, parent, apex), nil
		})
		if err != nil {
			return &zone{apex: apex, status: Unknown, reason: "the look-up of the zone " + trimDot(apex) + " was stopped"}
		}
		if z = found; z.status != Secure {
			break
		}
	}
	return z
}

// root validates the keys of the root. If they do not hold, the network, the clock or the trust anchor of this machine is
// wrong, and no zone is to blame.
func (v *Validator) root(ctx context.Context, src Source, w *work) *zone {
	z, problem := v.keys(ctx, src, w, ".", anchorsFor(v.anchors))
	if problem != nil {
		return &zone{apex: ".", status: Unknown, reason: "the keys of the root do not validate: " + problem.reason +
			". The clock, the network or the trust anchor of this machine may be wrong"}
	}
	return z
}

// child validates the delegation from parent, which is secure, to the zone at apex.
func (v *Validator) child(ctx context.Context, src Source, w *work, parent *zone, apex string) *zone {
	delegation, problem := fetch(ctx, src, parent.apex, apex, dns.TypeDS, func(m *dns.Msg) (delegation, *failure) {
		return v.readDS(w, m, parent, apex)
	})
	if problem != nil {
		return &zone{apex: apex, status: problem.status, reason: problem.reason}
	}
	if delegation.insecure != "" {
		return &zone{apex: apex, status: Insecure, reason: delegation.insecure}
	}
	z, problem := v.keys(ctx, src, w, apex, delegation.ds)
	if problem != nil {
		return &zone{apex: apex, status: problem.status, reason: problem.reason}
	}
	return z
}

// hiddenCut looks for a zone between z, whose answer for name is bogus, and name. One server may have both zones, and then
// answers for the lower one even if no server said that it begins there. It returns why that zone is insecure, or a failure
// that is not about z.
func (v *Validator) hiddenCut(ctx context.Context, src Source, w *work, z *zone, name string) (insecure string, other *failure) {
	last := dns.CountLabel(name)
	for labels := dns.CountLabel(z.apex) + 1; labels <= min(last, dns.CountLabel(z.apex)+maxZones); labels++ {
		at := ancestor(name, labels)
		below, problem := fetch(ctx, src, z.apex, at, dns.TypeDS, func(m *dns.Msg) (delegation, *failure) {
			return v.readDS(w, m, z, at)
		})
		switch {
		case problem != nil && problem.status == Bogus:
			continue // No zone begins here, or z does not say so.
		case problem != nil:
			return "", problem
		case below.insecure != "":
			return below.insecure, nil
		default:
			return "", unknown("a zone begins at %s, and no name server was found for it", trimDot(at))
		}
	}
	return "", nil
}

// delegation is what a parent says about a zone below it.
type delegation struct {
	ds       []*dns.DS
	insecure string // why the zone is not signed, or empty
}

// readDS reads the response to a question for the DS records of the zone at apex.
func (v *Validator) readDS(w *work, m *dns.Msg, parent *zone, apex string) (delegation, *failure) {
	// A referral carries the DS records in its authority section.
	for _, section := range [][]dns.RR{m.Answer, m.Ns} {
		s := collect(section, apex, dns.TypeDS)
		if len(s.records) == 0 {
			continue
		}
		if len(s.records) > maxDS {
			return delegation{}, unknown("%s has %d records, which is more than can be judged", s, len(s.records))
		}
		labels, problem := v.verify(w, s, parent.apex, parent.keys)
		if problem == nil && labels != dns.CountLabel(apex) {
			problem = unknown("%s comes from a wildcard", s)
		}
		if problem != nil {
			return delegation{}, unsure(m, problem)
		}
		var d delegation
		for _, rr := range s.records {
			if ds, ok := rr.(*dns.DS); ok {
				d.ds = append(d.ds, ds)
			}
		}
		return d, nil
	}
	if problem := unusableResponse(m, parent.apex); problem != nil {
		return delegation{}, problem
	}
	proof := v.readDenials(w, m, parent)
	switch proof.delegation(apex) {
	case unsigned:
		return delegation{insecure: fmt.Sprintf("the zone %s has no DS record for %s", trimDot(parent.apex), trimDot(apex))}, nil
	case unjudged:
		return delegation{insecure: proof.insecure}, nil
	case absent:
		return delegation{}, unsure(m, bogus("the zone %s is signed and does not delegate %s: it has no NS record for it",
			trimDot(parent.apex), trimDot(apex)))
	}
	return delegation{}, unsure(m, proof.failure(bogus(
		"the zone %s is signed and does not prove that it has no DS record for %s", trimDot(parent.apex), trimDot(apex))))
}

// keys validates the DNSKEY records of the zone at apex.
func (v *Validator) keys(ctx context.Context, src Source, w *work, apex string, all []*dns.DS) (*zone, *failure) {
	var ds []*dns.DS
	var unsupported []string
	for _, d := range all {
		switch {
		case !supported(d.Algorithm):
			unsupported = append(unsupported, "the algorithm "+algorithmName(d.Algorithm))
		case !supportedDigest(d.DigestType):
			unsupported = append(unsupported, "the digest type "+strconv.Itoa(int(d.DigestType)))
		default:
			ds = append(ds, d)
		}
	}
	if len(ds) == 0 {
		// RFC 6840, section 5.2
		slices.Sort(unsupported)
		return &zone{apex: apex, status: Insecure, reason: fmt.Sprintf("the DS records of %s have only %s, which validators need not support",
			trimDot(apex), strings.Join(slices.Compact(unsupported), " and "))}, nil
	}
	keys, problem := fetch(ctx, src, apex, apex, dns.TypeDNSKEY, func(m *dns.Msg) ([]zoneKey, *failure) {
		return v.readKeys(w, m, apex, ds)
	})
	if problem != nil {
		return nil, problem
	}
	return &zone{apex: apex, status: Secure, keys: keys}, nil
}

// readKeys reads the response to a question for the keys of a zone, and validates them by the DS records.
func (v *Validator) readKeys(w *work, m *dns.Msg, apex string, ds []*dns.DS) ([]zoneKey, *failure) {
	if problem := unusableResponse(m, apex); problem != nil {
		return nil, problem
	}
	s := collect(m.Answer, apex, dns.TypeDNSKEY)
	switch {
	case len(s.records) == 0:
		return nil, unsure(m, bogus("the parent of %s has a DS record for key %s, and the zone has no DNSKEY record",
			trimDot(apex), tagsOf(ds)))
	case len(s.records) > maxKeys:
		return nil, unknown("%s has %d records, which is more than can be judged", s, len(s.records))
	}
	var keys, vouched []zoneKey
	var tags []string
	size := 0
	for _, rr := range s.records {
		record, ok := rr.(*dns.DNSKEY)
		if !ok || !isZoneKey(record) {
			continue
		}
		if size += len(record.PublicKey); size > maxKeyText {
			return nil, unknown("%s has larger keys than can be judged", s)
		}
		key := zoneKey{record, record.KeyTag()}
		keys = append(keys, key)
		tags = append(tags, strconv.Itoa(int(key.tag)))
		for _, d := range ds {
			if d.KeyTag != key.tag || d.Algorithm != key.Algorithm {
				continue
			}
			if !w.spend() {
				return nil, errTooMuch
			}
			if computed := key.ToDS(d.DigestType); computed != nil && strings.EqualFold(computed.Digest, d.Digest) {
				vouched = append(vouched, key)
				break
			}
		}
	}
	if len(vouched) == 0 {
		return nil, unsure(m, unvouched(apex, ds, tags))
	}
	if _, problem := v.verify(w, s, apex, vouched); problem != nil {
		return nil, unsure(m, problem)
	}
	return slices.Clip(keys), nil
}

// unvouched says why no key of a zone is that of a DS record.
func unvouched(apex string, ds []*dns.DS, tags []string) *failure {
	for _, d := range ds {
		if slices.Contains(tags, strconv.Itoa(int(d.KeyTag))) {
			return bogus("the parent of %s has a DS record for key %d with another digest or algorithm than the key of the zone",
				trimDot(apex), d.KeyTag)
		}
	}
	slices.Sort(tags)
	has := "no key at all"
	if len(tags) > 0 {
		has = "only " + strings.Join(tags[:min(len(tags), maxListed)], ", ")
	}
	return bogus("the parent of %s has a DS record for key %s, and the zone has no such key, %s", trimDot(apex), tagsOf(ds), has)
}

// maxListed bounds the keys that a reason lists.
const maxListed = 6

func tagsOf(ds []*dns.DS) string {
	var tags []string
	for _, d := range ds {
		tags = append(tags, strconv.Itoa(int(d.KeyTag)))
	}
	slices.Sort(tags)
	tags = slices.Compact(tags)
	return strings.Join(tags[:min(len(tags), maxListed)], ", ")
}

// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnssec_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dnscheck/dnssec"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	// lie is a response that does not validate.
	lie := func(f *fakeTree) *dns.Msg {
		m := answers(f.example.signed(f.example.rr(`www.example. 60 IN TXT "www"`)))
		m.Answer[0] = f.example.rr(`www.example. 60 IN TXT "lie"`)
		return m
	}
	truth := func(f *fakeTree) *dns.Msg { return f.source.responses[wwwTXT][0] }
	// ending signs the zone example. with signatures of 10 days that end then.
	ending := func(end time.Duration) func(*fakeTree) {
		return func(f *fakeTree) {
			f.example.from, f.example.until = now.Add(end-240*time.Hour), now.Add(end)
			f.sign()
		}
	}
	denied := func(f *fakeTree, iterations int) {
		nsec3 := func(name, types string) []dns.RR {
			owner := dns.HashName(name, dns.SHA1, uint16(iterations), "")
			return f.example.signed(f.example.rr(fmt.Sprintf("%s.example. 60 IN NSEC3 1 0 %d - %s %s", owner, iterations, owner, types)))
		}
		f.say(wwwTXT, answers(nil, nsec3("www.example.", "A RRSIG")...))
	}
	tests := map[string]struct {
		change func(*fakeTree)
		want   dnssec.Status
		reason string
	}{
		"good": {func(*fakeTree) {}, "secure", ""},

		// Clocks differ, and so do resolvers.
		"ends in a minute":     {ending(time.Minute), "secure", ""},
		"ended a minute ago":   {ending(-time.Minute), "unknown", "example DNSKEY ended on 2026-11-01 at 11:59 UTC"},
		"ended 23 hours ago":   {ending(-23 * time.Hour), "unknown", "ended on 2026-10-31 at 13:00 UTC"},
		"ended 25 hours ago":   {ending(-25 * time.Hour), "bogus", "ended on 2026-10-31 at 11:00 UTC"},
		"begins in a minute":   {ending(240*time.Hour + time.Minute), "unknown", "is not valid before 2026-11-01 at 12:01 UTC"},
		"begins in two days":   {ending(288 * time.Hour), "bogus", "is not valid before 2026-11-03 at 12:00 UTC"},
		"the root has ended":   {func(f *fakeTree) { f.root.until = now.Add(-48 * time.Hour); f.sign() }, "unknown", "The clock"},
		"another trust anchor": {func(f *fakeTree) { f.root = newFakeZone(t, "."); f.sign() }, "unknown", "trust anchor"},

		// Servers that differ.
		"one server lies": {func(f *fakeTree) { f.say(wwwTXT, lie(f), truth(f)) }, "secure", ""},
		"all servers lie": {func(f *fakeTree) { f.say(wwwTXT, lie(f), lie(f)) }, "bogus", "does not match the records"},
		"one lies, one fails": {
			func(f *fakeTree) { f.say(wwwTXT, fails(dns.RcodeServerFailure), lie(f), fails(dns.RcodeRefused)) },
			"bogus", "does not match the records",
		},
		"all fail":  {func(f *fakeTree) { f.say(wwwTXT, fails(dns.RcodeServerFailure)) }, "unknown", "answered SERVFAIL"},
		"no answer": {func(f *fakeTree) { f.say(wwwTXT) }, "unknown", "no server answered"},
		"a resolver in between lies": {
			func(f *fakeTree) { f.say(wwwTXT, unauthoritative(lie(f))) }, "unknown", "is not authoritative",
		},
		"a resolver in between is honest": {func(f *fakeTree) { f.say(wwwTXT, unauthoritative(truth(f))) }, "secure", ""},

		// Proofs that are missing.
		"no denial": {func(f *fakeTree) { f.say(wwwTXT, answers(nil)) }, "bogus", "does not prove that www.example TXT does not exist"},
		"no denial of the DS": {
			func(f *fakeTree) { f.say(". example. DS", answers(nil)) }, "bogus", "does not prove that it has no DS record for example",
		},
		"NODATA for NXDOMAIN": {func(f *fakeTree) {
			m := answers(nil, f.example.signed(f.example.rr("www.example. 60 IN NSEC example. A RRSIG NSEC"))...)
			m.Rcode = dns.RcodeNameError
			f.say(wwwTXT, m)
		}, "unknown", "contradicts its own proof"},
		"minimal denial": {func(f *fakeTree) { // RFC 9824
			f.say(wwwTXT, answers(nil, f.example.signed(f.example.rr(`www.example. 60 IN NSEC \000.www.example. RRSIG NSEC TYPE128`))...))
		}, "secure", ""},
		"denial by the delegation": {func(f *fakeTree) {
			f.say(wwwTXT, answers(nil, f.example.signed(f.example.rr("www.example. 60 IN NSEC example. NS RRSIG NSEC"))...))
		}, "bogus", "does not prove"},
		"150 iterations": {func(f *fakeTree) { denied(f, 150) }, "secure", ""},
		"151 iterations": {func(f *fakeTree) { denied(f, 151) }, "insecure", "NSEC3 with 151 iterations"},

		// A zone that no server showed.
		"hidden insecure zone": {func(f *fakeTree) {
			f.say(wwwTXT, answers([]dns.RR{f.example.rr(`www.example. 60 IN TXT "unsigned"`)}))
			f.say("example. www.example. DS",
				answers(nil, f.example.signed(f.example.rr("www.example. 60 IN NSEC example. NS RRSIG NSEC"))...))
		}, "insecure", "the zone example has no DS record for www.example"},
		"hidden secure zone": {func(f *fakeTree) {
			www := newFakeZone(t, "www.example.")
			f.say(wwwTXT, answers([]dns.RR{f.example.rr(`www.example. 60 IN TXT "unsigned"`)}))
			f.say("example. www.example. DS", answers(f.example.signed(www.key.ToDS(dns.SHA256))))
		}, "unknown", "a zone begins at www.example"},

		// Keys that cannot be used here.
		"revoked key": {func(f *fakeTree) { f.example.key.Flags |= dns.REVOKE; f.sign() }, "unknown", "revoked"},
		"RSA key with a large exponent": {func(f *fakeTree) {
			signed := f.example.signed(f.example.key)
			key, sig := signed[0].(*dns.DNSKEY), signed[1].(*dns.RRSIG)
			key.Algorithm, key.PublicKey = dns.RSASHA256, "BQEAAAAB"+strings.Repeat("qqqq", 90)
			sig.Algorithm, sig.KeyTag = key.Algorithm, key.KeyTag()
			f.say(exampleKeys, answers(signed))
			f.say(". example. DS", answers(f.root.signed(key.ToDS(dns.SHA256))))
		}, "unknown", "of a size that is not supported"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := newFakeTree(t)
			anchor := tree.root.key
			test.change(tree)
			got := dnssec.New([]dns.RR{anchor}, now).Validate(t.Context(), tree.source, "www.example.", dns.TypeTXT)
			if got.Status != test.want || !strings.Contains(got.Reason, test.reason) {
				t.Errorf("got %s (%s), want %s (%s)", got.Status, got.Reason, test.want, test.reason)
			}
		})
	}
}

// flood has an answer with n signatures, each of which must be verified to see that it does not hold (CVE-2023-50387).
func flood(f *fakeTree, n int) *dns.Msg {
	answer := f.example.signed(f.example.rr(`www.example. 60 IN TXT "www"`))
	m := answers([]dns.RR{f.example.rr(`www.example. 60 IN TXT "lie"`)})
	for range n {
		m.Answer = append(m.Answer, dns.Copy(answer[1]))
	}
	return m
}

// floodAll makes twelve servers say so, which is as many as are asked.
func floodAll(f *fakeTree) {
	m := flood(f, 32)
	f.say(wwwTXT, m, m, m, m, m, m, m, m, m, m, m, m)
}

func TestBounds(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*fakeTree)
		reason string
	}{
		"signatures of one response":  {func(f *fakeTree) { f.say(wwwTXT, flood(f, 33)) }, "www.example TXT has 33 signatures"},
		"signatures of all responses": {floodAll, "more keys and signatures than a sound zone has"},
		"records": {func(f *fakeTree) {
			var records []dns.RR
			for i := range 501 {
				records = append(records, f.example.rr(fmt.Sprintf("www.example. 60 IN TXT %d", i)))
			}
			f.say(wwwTXT, answers(f.example.signed(records...)))
		}, "www.example TXT has 501 records"},
		"keys": {func(f *fakeTree) {
			keys := []dns.RR{f.example.key}
			for range 64 {
				key := dns.Copy(f.example.key).(*dns.DNSKEY)
				key.Algorithm = uint8(100 + len(keys))
				keys = append(keys, key)
			}
			f.say(exampleKeys, answers(f.example.signed(keys...)))
		}, "example DNSKEY has 65 records"},
		"size of keys": {func(f *fakeTree) {
			key := dns.Copy(f.example.key).(*dns.DNSKEY)
			key.PublicKey = strings.Repeat("qqqq", 4097)
			f.say(exampleKeys, answers(f.example.signed(f.example.key, key)))
		}, "example DNSKEY has larger keys"},
		"denials": {func(f *fakeTree) {
			m := answers(nil)
			for i := range 9 {
				m.Ns = append(m.Ns, f.example.signed(f.example.rr(fmt.Sprintf("a%d.example. 60 IN NSEC b%d.example. A", i, i)))...)
			}
			f.say(wwwTXT, m)
		}, "more than 8 NSEC records"},
		"aliases": {func(f *fakeTree) {
			f.say(wwwTXT, answers(f.example.signed(f.example.rr("www.example. 60 IN CNAME a0.example."))))
			for i := range 9 {
				alias := f.example.rr(fmt.Sprintf("a%d.example. 60 IN CNAME a%d.example.", i, i+1))
				f.say(fmt.Sprintf("example. a%d.example. TXT", i), answers(f.example.signed(alias)))
			}
		}, "lead through more than 8 names"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := newFakeTree(t)
			test.change(tree)
			got := dnssec.New([]dns.RR{tree.root.key}, now).Validate(t.Context(), tree.source, "www.example.", dns.TypeTXT)
			if got.Status != dnssec.Unknown || !strings.Contains(got.Reason, test.reason) {
				t.Errorf("got %s (%s), want unknown (%s)", got.Status, got.Reason, test.reason)
			}
		})
	}
}

func BenchmarkValidate(b *testing.B) {
	for name, change := range map[string]func(*fakeTree){"sound": func(*fakeTree) {}, "hostile": floodAll} {
		b.Run(name, func(b *testing.B) {
			tree := newFakeTree(b)
			change(tree)
			for b.Loop() {
				dnssec.New([]dns.RR{tree.root.key}, now).Validate(b.Context(), tree.source, "www.example.", dns.TypeTXT)
			}
		})
	}
}

// TestKept tells that nothing is asked twice, and that a look-up that was stopped leaves nothing behind.
func TestKept(t *testing.T) {
	t.Parallel()
	tree := newFakeTree(t)
	validator := dnssec.New([]dns.RR{tree.root.key}, now)
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if got := validator.Validate(stopped, tree.source, "www.example.", dns.TypeTXT); got.Status != dnssec.Unknown {
		t.Errorf("stopped: got %s (%s)", got.Status, got.Reason)
	}
	tree.source.fetches.Store(0)
	for range 3 {
		if got := validator.Validate(t.Context(), tree.source, "www.example.", dns.TypeTXT); got.Status != dnssec.Secure {
			t.Errorf("got %s (%s)", got.Status, got.Reason)
		}
	}
	// The keys of the root; the DS record and the keys of example.; the record.
	if got := tree.source.fetches.Load(); got != 4 {
		t.Errorf("%d fetches, want 4", got)
	}
	unanchored := dnssec.New(nil, now).Validate(t.Context(), tree.source, "www.example.", dns.TypeTXT)
	if unanchored.Status != dnssec.Insecure || tree.source.fetches.Load() != 4 {
		t.Errorf("without an anchor: got %s (%s)", unanchored.Status, unanchored.Reason)
	}
}

// ksk2017 is the key of the root as resolvers ship it.
const ksk2017 = `. 172800 IN DNSKEY 257 3 8 AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3+/4RgWOq7HrxRixHlFlExOLAJr5emLvN7SWXgnLh
	4+B5xQlNVz8Og8kvArMtNROxVQuCaSnIDdD5LKyWbRd2n9WGe2R8PzgCmr3EgVLrjyBxWezF0jLHwVN8efS3rCj/EWgvIWgb9tarpVUDK/b58Da+sqqls3eN
	buv7pr+eoZG+SrDK6nWeL3c6H5Apxz7LjVc1uTIdsIXxuOLYA4/ilBmSVIzuDWfdRUfhHdY6+cn8HFRm+2hM8AnXGXws9555KrUB5qihylGa8subX2Nn6UwN
	R1AkUTV74bU=`

func TestAnchors(t *testing.T) {
	t.Parallel()
	anchors := dnssec.RootAnchors()
	if len(anchors) != 2 || anchors[0].(*dns.DS).KeyTag != 20326 || anchors[1].(*dns.DS).KeyTag != 38696 {
		t.Fatalf("got %v", anchors)
	}
	key, err := dns.NewRR(strings.Join(strings.Fields(ksk2017), " "))
	if err != nil {
		t.Fatal(err)
	}
	if want := key.(*dns.DNSKEY).ToDS(dns.SHA256).Digest; !strings.EqualFold(anchors[0].(*dns.DS).Digest, want) {
		t.Errorf("KSK-2017 has the digest %s, want %s", anchors[0].(*dns.DS).Digest, want)
	}
	for text, want := range map[string]string{
		". IN DS 1 13 2 " + strings.Repeat("ab", 32): "",
		"; nothing\n":      "has no DS or DNSKEY record",
		". IN A 192.0.2.1": "has a record of the type A",
		"example. IN DS 1 13 2 " + strings.Repeat("ab", 32): "has a trust anchor for example.",
		". IN DS what": "is not in zone-file form",
		"$INCLUDE /etc/hostname\n. IN DS 1 13 2 " + strings.Repeat("ab", 32): "is not in zone-file form",
	} {
		_, err := dnssec.ParseAnchors(strings.NewReader(text))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

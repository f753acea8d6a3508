// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package retention

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// This file plays random histories against Input.Plan: orders at vendors, the state of certops_dcv_records, and the DNS
// resources that are made from it with for_each, as Terraform would plan and apply them.

var (
	modelSeed      = flag.Uint64("model-seed", 0, "play only the history with this seed, and print it")
	modelHistories = flag.Uint64("model-histories", 300, "how many histories are played; \"make fuzz\" plays many more")
	modelFirst     = flag.Uint64("model-first", 1, "the seed of the first history")
)

// TestModel plays histories.
func TestModel(t *testing.T) {
	if *modelSeed != 0 {
		h := newHistory(*modelSeed)
		err := h.play()
		t.Log("\n" + strings.Join(h.log, "\n"))
		if err != nil {
			t.Error(err)
		}
		return
	}
	for i := range *modelHistories {
		playHistory(t, *modelFirst+i)
	}
}

func playHistory(t *testing.T, seed uint64) {
	t.Helper()
	h := newHistory(seed)
	if err := h.play(); err != nil {
		t.Fatalf("seed %d (go test ./internal/dcv/retention -run TestModel -model-seed %[1]d): %s\n%s", seed, err, strings.Join(h.log, "\n"))
	}
}

// modelNames are the names that orders and configurations choose from.
var modelNames = []string{"example.com", "*.example.com", "www.example.com", "a.www.example.com", "shop.example.net", "mine.github.io"}

// modelOrder is an order at a vendor.
type modelOrder struct {
	id     int
	vendor string // "digicert-cname", "digicert-txt", "base-domain" or "sectigo"
	names  []string
	email  map[string]bool // the names that are validated by e-mail
	done   map[string]bool // the validated domains
	hash   int             // stands in Sectigo's owner names and values
	ended  bool
	outage bool
}

// domain is what the vendor validates for a name.
func (o *modelOrder) domain(name string) string {
	if o.vendor == "base-domain" {
		if base, err := dcv.RegistrableDomain(name); err == nil {
			return base
		}
	}
	return dcv.CanonicalDomain(name)
}

// history is a world that things happen to.
type history struct {
	random *rand.Rand
	log    []string

	// The vendors. DigiCert's token belongs to the domain: all its orders share it.
	orders []*modelOrder
	tokens map[string]int
	nextID int

	// The configuration.
	names    []string
	sources  []int // ids of orders
	statuses bool
	skip     bool
	base     bool

	// Terraform's state: what is retained, and the DNS resources by key.
	retained  *Retained
	resources map[string]dcv.Record
}

func newHistory(seed uint64) *history {
	return &history{
		random: rand.New(rand.NewPCG(seed, 7)), tokens: map[string]int{}, resources: map[string]dcv.Record{},
		statuses: true,
	}
}

func (h *history) say(format string, arguments ...any) {
	h.log = append(h.log, fmt.Sprintf(format, arguments...))
}

// some picks between one and all of the elements.
func some[T any](r *rand.Rand, all []T) []T {
	picked := slices.Clone(all)
	r.Shuffle(len(picked), func(i, j int) { picked[i], picked[j] = picked[j], picked[i] })
	return picked[:1+r.IntN(len(picked))]
}

// challenges are what the vendor returns of an order.
func (h *history) challenges(o *modelOrder) []dcv.Challenge {
	method := o.vendor
	var challenges []dcv.Challenge
	for _, name := range o.names {
		domain := o.domain(name)
		c := dcv.Challenge{Domain: domain, Names: []string{name}, Status: dcv.StatusPending, Method: &method, Channel: dcv.ChannelDNS,
			Order: fmt.Sprint("order ", o.id)}
		if o.done[domain] {
			c.Status = dcv.StatusValidated
		}
		switch {
		case o.email[name]:
			c.Channel = dcv.ChannelEmail
		case o.vendor == "sectigo":
			// Realtime Register returns the record of a validated name too.
			c.Publish = &dcv.Publication{Type: "CNAME", Name: fmt.Sprintf("_%032xa.%s.", o.hash, domain),
				Value: fmt.Sprintf("%032x.%032x.sectigo.com",
					o.hash, o.hash+1)}
		case c.Status == dcv.StatusValidated: // The token is gone.
		case o.vendor == "digicert-cname":
			c.Publish = &dcv.Publication{Type: "CNAME", Name: "_dnsauth." + domain + ".", Value: fmt.Sprintf("T%dx.dcv.digicert.com",
				h.tokens[domain])}
		default:
			c.Publish = &dcv.Publication{Type: "TXT", Name: "_dnsauth." + domain + ".", Value: fmt.Sprintf("T%dx", h.tokens[domain])}
		}
		challenges = append(challenges, c)
	}
	return challenges
}

func (h *history) order(id int) *modelOrder {
	for _, o := range h.orders {
		if o.id == id {
			return o
		}
	}
	return nil
}

// happen lets one thing happen at a vendor, in the configuration or to the state.
func (h *history) happen() {
	r := h.random
	var o *modelOrder
	if len(h.orders) > 0 {
		o = h.orders[r.IntN(len(h.orders))]
	}
	kind := r.IntN(18)
	if o == nil || len(h.sources) == 0 {
		kind = 0
	}
	switch kind {
	case 0, 1: // A new order, beside the others or in the place of one.
		h.nextID++
		vendors := []string{"digicert-cname", "digicert-cname", "digicert-txt", "base-domain", "sectigo"}
		o := &modelOrder{id: h.nextID, vendor: vendors[r.IntN(len(vendors))], names: some(r, modelNames), done: map[string]bool{},
			email: map[string]bool{}, hash: 1000 * h.nextID}
		if r.IntN(3) == 0 { // Some names are validated beforehand.
			for _, name := range some(r, o.names) {
				o.done[o.domain(name)] = true
			}
		}
		if r.IntN(6) == 0 {
			o.email[o.names[0]] = true
		}
		h.orders = append(h.orders, o)
		if len(h.sources) > 0 && r.IntN(2) == 0 {
			h.say("order %d (%s) for %v renews order %d", o.id, o.vendor, o.names, h.sources[0])
			h.sources[0] = o.id
		} else {
			h.say("order %d (%s) for %v", o.id, o.vendor, o.names)
			h.sources = append(h.sources, o.id)
		}
		for _, name := range o.names {
			if !slices.Contains(h.names, name) {
				h.names = append(h.names, name)
			}
		}
	case 2, 3, 4: // The authority validates.
		domain := o.domain(o.names[r.IntN(len(o.names))])
		o.done[domain] = true
		h.say("order %d: %s is validated", o.id, domain)
	case 5: // All of an order.
		for _, name := range o.names {
			o.done[o.domain(name)] = true
		}
		h.say("order %d: all validated", o.id)
	case 6: // A token is replaced.
		domain := o.domain(o.names[r.IntN(len(o.names))])
		h.tokens[domain]++
		o.hash += 7
		h.say("new token of %s, and of order %d", domain, o.id)
	case 7: // A validation lapses.
		domain := o.domain(o.names[r.IntN(len(o.names))])
		delete(o.done, domain)
		h.say("order %d: the validation of %s lapses", o.id, domain)
	case 8:
		o.outage = !o.outage
		h.say("order %d: outage %t", o.id, o.outage)
	case 9:
		o.ended = true
		h.say("order %d is canceled", o.id)
	case 10: // A name leaves the configuration.
		if len(h.names) > 1 {
			name := h.names[r.IntN(len(h.names))]
			h.names = slices.DeleteFunc(h.names, func(n string) bool { return n == name })
			h.say("%s leaves the configuration", name)
		}
	case 11: // One comes.
		name := modelNames[r.IntN(len(modelNames))]
		if !slices.Contains(h.names, name) {
			h.names = append(h.names, name)
			h.say("%s joins the configuration", name)
		}
	case 12:
		h.retained = nil
		h.say("the state of certops_dcv_records is lost (-replace, taint, rename, state rm)")
	case 13:
		h.statuses = !h.statuses
		h.say("statuses %t", h.statuses)
	case 14:
		if len(h.sources) > 1 {
			h.say("order %d is no longer a source", h.sources[0])
			h.sources = h.sources[1:]
		}
	case 15:
		h.random.Shuffle(len(h.sources), func(i, j int) { h.sources[i], h.sources[j] = h.sources[j], h.sources[i] })
		h.random.Shuffle(len(h.names), func(i, j int) { h.names[i], h.names[j] = h.names[j], h.names[i] })
		h.say("sources %v, names %v", h.sources, h.names)
	case 16:
		h.skip = !h.skip
		h.say("on_missing = skip %t", h.skip)
	case 17:
		if r.IntN(4) == 0 {
			h.base = !h.base
			h.say("scope = base_domain %t", h.base)
		}
	}
}

// input reads the sources, as the data sources would. It fails where one cannot be read.
func (h *history) input() (Input, error) {
	in := Input{Names: h.names, BaseDomain: h.base, Prior: h.retained, Zones: []string{"example.com", "example.net", "github.io"}}
	for i, id := range h.sources {
		o := h.order(id)
		if o.outage {
			return in, fmt.Errorf("order %d cannot be read", id)
		}
		challenges := h.challenges(o)
		summary, err := dcv.Summarize(challenges, dcv.Options{})
		if err != nil {
			return in, err
		}
		for name, status := range summary.Names {
			for _, c := range challenges {
				if c.Names[0] == name && status.Status == dcv.StatusValidated && c.Status != dcv.StatusValidated {
					return in, fmt.Errorf("INVARIANT: %s is validated before the vendor says so", name)
				}
			}
		}
		for _, key := range dcv.SortedKeys(summary.Records) {
			in.Sources = append(in.Sources, SourceRecord{Record: summary.Records[key], Key: key, Origin: fmt.Sprintf("sources[%d]", i)})
		}
		if h.statuses {
			in.Statuses = append(in.Statuses, summary.Names)
		}
	}
	return in, nil
}

// needed are the records that open validations of the configured names wait for.
func (h *history) needed() map[dcv.RecordID]string {
	needed := map[dcv.RecordID]string{}
	for _, id := range h.sources {
		o := h.order(id)
		if o.ended {
			continue
		}
		for _, c := range h.challenges(o) {
			if c.Publish == nil || c.Status == dcv.StatusValidated || !slices.Contains(h.names, c.Names[0]) {
				continue
			}
			record, err := dcv.NewRecord(*c.Publish, c.Domain, nil)
			if err == nil && dcv.Admit(record, c.Domain) == nil {
				needed[record.ID()] = fmt.Sprintf("order %d needs it for %s", o.id, c.Names[0])
			}
		}
	}
	return needed
}

// plan plans with the sources known, or not.
func (h *history) plan(in Input, unknown bool) (Plan, error) {
	if unknown {
		in.Sources, in.Statuses, in.SourcesUnknown, in.StatusesUnknown = nil, nil, true, h.statuses
	}
	plan, err := in.Plan()
	if err == nil && len(plan.Missing) > 0 && !h.skip {
		err = fmt.Errorf("no record for %s", plan.Missing[0].Key)
	}
	return plan, err
}

// apply makes a plan the state, and the DNS resources what it says.
func (h *history) apply(plan Plan) error {
	next := &Retained{Records: map[string]dcv.Record{}, Sets: map[dcv.SetID]string{}, Without: map[string]string{}}
	for key, entry := range plan.Entries {
		if entry.Knowledge != Known {
			return fmt.Errorf("INVARIANT: %q is applied unknown", key)
		}
		next.Records[key] = entry.Record
	}
	owners := map[dcv.SetID]bool{}
	for key, set := range plan.Sets {
		id := dcv.SetID{FQDN: set.Set.FQDN, Type: set.Set.Type}
		if owners[id] {
			return fmt.Errorf("INVARIANT: the record set %v is managed twice", id)
		}
		owners[id], next.Sets[id] = true, key
	}
	for name, reason := range plan.Without {
		next.Without[name] = *reason
	}
	remaining := map[dcv.RecordID]bool{}
	for _, record := range next.Records {
		remaining[record.ID()] = true
	}
	needed := h.needed()
	for key, record := range h.resources {
		now, stays := next.Records[key]
		if stays && now.ID() == record.ID() {
			continue
		}
		what := "destroyed"
		if stays {
			what = "updated"
			if now.Set() != record.Set() {
				what = "replaced"
			}
		}
		h.say("  %q %s: %v", key, what, record.ID())
		// Without its state nobody knows which of several records of a domain had which number: Terraform shows that they move.
		moved := h.retained == nil && remaining[record.ID()]
		if why := needed[record.ID()]; why != "" && !moved && (!remaining[record.ID()] || what != "updated") {
			return fmt.Errorf("INVARIANT: the record %q (%v) is %s, and %s", key, record.ID(), what, why)
		}
		// After the state is lost, statuses can say that a name needs no record: Terraform then shows what it destroys.
		if what == "destroyed" && h.retained != nil && h.wanted(record) && !h.clashes(record, next) && !remaining[record.ID()] {
			return fmt.Errorf("INVARIANT: the record %q (%v) is destroyed, though its names are still configured", key, record.ID())
		}
	}
	var all []dcv.Record
	for _, key := range dcv.SortedKeys(next.Records) {
		all = append(all, next.Records[key])
	}
	if err := dcv.Conflict(all, make([]string, len(all))); err != nil {
		return fmt.Errorf("INVARIANT: %w", err)
	}
	if h.retained != nil {
		for key, record := range h.retained.Records {
			if now, stays := next.Records[key]; remaining[record.ID()] && (!stays || now.ID() != record.ID()) {
				return fmt.Errorf("INVARIANT: the record %v leaves its key %q", record.ID(), key)
			}
		}
	}
	h.retained, h.resources = next, maps.Clone(next.Records)
	for id, why := range needed {
		if !remaining[id] {
			return fmt.Errorf("INVARIANT: the record %v is not published, and %s", id, why)
		}
	}
	return nil
}

// wanted tells whether a record validates a configured name.
func (h *history) wanted(r dcv.Record) bool {
	return slices.ContainsFunc(r.Domains, func(name string) bool { return slices.Contains(h.names, name) })
}

// clashes tells whether a record cannot stand beside what is retained now.
func (h *history) clashes(r dcv.Record, next *Retained) bool {
	for _, other := range next.Records {
		if other.FQDN == r.FQDN && other.ID() != r.ID() && (other.Type == dcv.TypeCNAME || r.Type == dcv.TypeCNAME) {
			return true
		}
	}
	return false
}

// play lets things happen, and plans and applies after each of them.
func (h *history) play() error {
	for range 4 + h.random.IntN(20) {
		h.happen()
		if err := h.run(h.random.IntN(4) == 0); err != nil {
			return err
		}
	}
	// In the end all can be read: the plan works unless a name has no record, and the one after it has nothing to do.
	for _, o := range h.orders {
		o.outage = false
	}
	return h.run(false)
}

// run plans and applies once. An error breaks an invariant.
func (h *history) run(unknown bool) error {
	in, err := h.input()
	if err != nil {
		return invariant(err)
	}
	first, err := h.plan(in, unknown)
	if err != nil {
		h.say("  plan: %s", err)
		return invariant(err)
	}
	final := first
	if unknown {
		if final, err = h.plan(in, false); err != nil {
			h.say("  apply: %s", err)
			return invariant(err)
		}
		h.say("  planned with unknown sources: %v", dcv.SortedKeys(first.Entries))
		if difference := inconsistent(first, final); difference != "" {
			h.say("  inconsistent final plan: %s", difference)
			if len(final.Changes) == 0 && len(final.Missing) == 0 {
				return fmt.Errorf("INVARIANT: an inconsistent final plan without a warning: %s", difference)
			}
			// Terraform stops here; the next plan knows the sources.
			return h.run(false)
		}
	}
	if err := h.apply(final); err != nil {
		return err
	}
	in.Prior = h.retained
	again, err := h.plan(in, false)
	if err != nil {
		return fmt.Errorf("INVARIANT: the plan after an apply fails: %w", err)
	}
	for key, entry := range again.Entries {
		if before, ok := h.retained.Records[key]; !ok || spelled(before) != spelled(entry.Record) {
			return fmt.Errorf("INVARIANT: the plan after an apply changes %q: %+v, was %+v", key, entry.Record, before)
		}
	}
	if len(again.Entries) != len(h.retained.Records) {
		return fmt.Errorf("INVARIANT: the plan after an apply has %d entries, there were %d", len(again.Entries), len(h.retained.Records))
	}
	return nil
}

// spelled is a record with its pointers followed, to be compared.
func spelled(r dcv.Record) string {
	return fmt.Sprintf("%v %v %v %v %v %v", r.ID(), *r.Zone, *r.RelativeName, r.Domains, r.Status, r.ExpiresAt)
}

// invariant passes on the errors that break an invariant. Any other is a plan that fails, which changes nothing.
func invariant(err error) error {
	if strings.Contains(err.Error(), "INVARIANT") {
		return err
	}
	return nil
}

// inconsistent says where a final plan contradicts what was planned before, as Terraform would find out.
func inconsistent(planned, final Plan) string {
	for key, entry := range planned.Entries {
		now, ok := final.Entries[key]
		switch {
		case !ok:
			return fmt.Sprintf("%q has vanished", key)
		case entry.Knowledge == Known && spelled(now.Record) != spelled(entry.Record),
			entry.Knowledge == ValueUnknown && now.Record.Set() != entry.Record.Set():
			return fmt.Sprintf("%q was %v, now %v", key, entry.Record.ID(), now.Record.ID())
		}
	}
	for key := range final.Entries {
		if _, ok := planned.Entries[key]; !ok {
			return fmt.Sprintf("%q has appeared", key)
		}
	}
	for key, set := range planned.Sets {
		now, ok := final.Sets[key]
		if !ok || set.Knowledge != Unknown && (now.Set.FQDN != set.Set.FQDN || now.Set.Type != set.Set.Type) {
			return fmt.Sprintf("the record set %q has vanished or moved", key)
		}
	}
	for key := range final.Sets {
		if _, ok := planned.Sets[key]; !ok {
			return fmt.Sprintf("the record set %q has appeared", key)
		}
	}
	if !planned.WithoutUnknown {
		for name := range final.Without {
			if _, ok := planned.Without[name]; !ok {
				return fmt.Sprintf("without_record[%q] has appeared", name)
			}
		}
		for name := range planned.Without {
			if _, ok := final.Without[name]; !ok {
				return fmt.Sprintf("without_record[%q] has vanished", name)
			}
		}
	}
	return ""
}

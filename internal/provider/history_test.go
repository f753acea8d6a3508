// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/certops/terraform-provider-certops/internal/sandbox"
	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// This file plays random histories under real Terraform: orders at three vendors, the configuration, the state, and DNS.
// internal/dcv plays many more of them, without Terraform.

var (
	historySeed = flag.Uint64("history-seed", 0, "play only the history with this seed")
	// One costs 1.6 s of CPU: 25, as scripts/fuzz.sh plays them, were a seventh of all tests together.
	historyCount = flag.Uint64("histories", 8, "how many histories are played")
)

// TestAccHistories plays histories.
func TestAccHistories(t *testing.T) {
	if *historySeed != 0 {
		playHistory(t, *historySeed)
		return
	}
	for seed := uint64(1); seed <= *historyCount; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { playHistory(t, seed) })
	}
}

// historyNames are the names that orders and configurations choose from.
var historyNames = []string{"example.com", "*.example.com", "www.example.com", "a.www.example.com", "shop.example.net"}

// placedOrder is an order at one of the vendors.
type placedOrder struct {
	service sandbox.Service
	id      sandbox.ID
}

func (o placedOrder) String() string { return fmt.Sprintf("%s %s", o.service, o.id) }

// block is the data source that reads the order.
func (o placedOrder) block() (dataSource, argument string) {
	switch o.service {
	case sandbox.DigiCert:
		return "certops_digicert_order_validation", "order_id"
	case sandbox.CPS:
		return "certops_cps_certificate", "certificate_id"
	default:
		return "certops_process_info", "process_id"
	}
}

// history is a world that things happen to.
type history struct {
	estate
	random *rand.Rand
	log    []string

	// The configuration: the orders that are its sources, each in a place of its own, and the names.
	sources  map[int]placedOrder
	names    []string
	indirect bool // whether the ids of the orders come from resources, so that a new one is unknown at plan
	statuses bool
	skip     bool
	saves    bool // whether plans are saved, and applied by a second command
	label    string
	applies  int  // how many applies succeeded
	lost     bool // whether the state was lost, or a name left the configuration, since the last apply
}

func (h *history) say(format string, arguments ...any) {
	h.log = append(h.log, fmt.Sprintf(format, arguments...))
}

func (h *history) fatal(format string, arguments ...any) {
	h.t.Helper()
	h.t.Fatalf("%s\n%s", fmt.Sprintf(format, arguments...), strings.Join(h.log, "\n"))
}

func playHistory(t *testing.T, seed uint64) {
	h := &history{
		estate: newEstate(t), random: rand.New(rand.NewPCG(seed, 11)),
		sources: map[int]placedOrder{}, indirect: seed%2 == 0, statuses: true, label: "this",
		// Pipelines apply a saved plan, which passes through a file and is not made again. That costs a command more for each apply,
		// so one history does it.
		saves: seed == 1,
	}
	h.say("seed %d; indirect %t", seed, h.indirect)
	for range 2 + h.random.IntN(3) {
		replace := h.happen()
		h.configureHistory()
		if h.apply(replace) == isUnfinished && h.apply("") == isUnfinished {
			h.fatal("two applies do not finish")
		}
		h.must(h.s.ClearFaults())
	}
	if h.apply("") == hasApplied {
		h.unchanged()
	}
	if h.applies == 0 {
		h.fatal("nothing was applied")
	}
}

// someOf picks between one and all of the elements.
func someOf(r *rand.Rand, all []string) []string {
	picked := slices.Clone(all)
	r.Shuffle(len(picked), func(i, j int) { picked[i], picked[j] = picked[j], picked[i] })
	return picked[:1+r.IntN(len(picked))]
}

// pick picks a place with its order.
func (h *history) pick() (int, placedOrder) {
	places := slices.Sorted(maps.Keys(h.sources))
	place := places[h.random.IntN(len(places))]
	return place, h.sources[place]
}

// place places an order.
func (h *history) place() placedOrder {
	names := someOf(h.random, historyNames)
	var validated []string
	if h.random.IntN(3) == 0 {
		validated = names[:1]
	}
	var (
		order placedOrder
		err   error
	)
	switch kind := h.random.IntN(6); kind {
	case 0, 1, 2:
		d := sandbox.Order{Names: names, Validated: validated}
		if kind == 1 {
			d.Method = "dns-txt-token"
		}
		if kind == 2 {
			d.NameScope = "base_domain"
		}
		order.service = sandbox.DigiCert
		order.id, err = h.s.Add(d)
	case 3:
		order.service = sandbox.CPS
		order.id, err = h.s.Add(sandbox.Certificate{Names: names, ValidationType: "OV", Validated: validated})
	default:
		order.service = sandbox.RealtimeRegister
		order.id, err = h.s.Add(sandbox.Process{Names: names, Validated: validated})
	}
	h.must(err)
	for _, name := range names {
		if !slices.Contains(h.names, name) {
			h.names = append(h.names, name)
		}
	}
	h.say("%s for %v, %v validated beforehand", order, names, validated)
	return order
}

// happen lets one thing happen at a vendor, in the configuration or to the state. It returns what is to be replaced.
func (h *history) happen() (replace string) {
	kind := h.random.IntN(15)
	if len(h.sources) == 0 {
		kind = 0
	}
	// What cannot be done to an order, such as a second validation, does not happen.
	try := func(err error) {
		if err != nil {
			h.say("  (%s)", err)
		}
	}
	switch kind {
	case 0:
		place := len(h.sources)
		h.sources[place] = h.place()
	case 1: // Another order in the place of one.
		place, old := h.pick()
		h.sources[place] = h.place()
		h.say("it replaces %s", old)
	case 2: // A renewal with a new id.
		place, old := h.pick()
		id, err := h.s.RenewAsNew(old.service, old.id)
		h.must(err)
		h.sources[place] = placedOrder{old.service, id}
		h.say("%s renews %s", h.sources[place], old)
	case 3, 4:
		_, order := h.pick()
		h.say("%s is validated", order)
		try(h.s.Validate(order.service, order.id, ""))
	case 5, 6:
		_, order := h.pick()
		state, err := h.s.State(order.service, order.id)
		h.must(err)
		domain := state.Challenges[h.random.IntN(len(state.Challenges))].Domain
		if kind == 5 {
			h.say("%s: %s is validated", order, domain)
			try(h.s.Validate(order.service, order.id, domain))
		} else {
			h.say("%s: what %s has ends", order, domain)
			try(h.s.Expire(order.service, order.id, domain))
		}
	case 7:
		_, order := h.pick()
		h.say("new tokens for %s", order)
		try(h.s.Rotate(order.service, order.id))
	case 8:
		_, order := h.pick()
		h.say("%s is canceled", order)
		try(h.s.Cancel(order.service, order.id))
	case 9:
		_, order := h.pick()
		fault := []sandbox.Fault{
			{Kind: sandbox.FaultStatus, Status: 500},
			{Kind: sandbox.FaultStatus, Status: 403},
			{Kind: sandbox.FaultStatus, Status: 404},
			{Kind: sandbox.FaultBody, Body: "{}"},
			{Kind: sandbox.FaultStatus, Status: 403, Path: "/services/v2/domain/**"},
			{Kind: sandbox.FaultStatus, Status: 403, Path: "/sec/cps/v2.0/dcv/**"},
			{Kind: sandbox.FaultTruncated},
		}[h.random.IntN(7)]
		fault.Service = order.service
		h.say("fault: %+v", fault)
		h.must(h.s.Inject(fault))
	case 10:
		h.lost = true
		switch h.random.IntN(4) {
		case 0:
			h.say("terraform state rm")
			h.terraform("state", "rm", "certops_dcv_records."+h.label)
		case 1:
			h.say("terraform taint")
			h.terraform("taint", "certops_dcv_records."+h.label)
		case 2:
			h.label += "x"
			h.say("renamed to %s", h.label)
		default:
			h.say("-replace")
			return "certops_dcv_records." + h.label
		}
	case 11:
		if len(h.names) > 1 {
			h.say("%s leaves the configuration", h.names[0])
			h.names = h.names[1:]
			h.lost = true
		}
	case 12:
		h.statuses = !h.statuses
		h.say("statuses %t", h.statuses)
	case 13:
		h.skip = !h.skip
		h.say("on_missing = skip %t", h.skip)
	case 14:
		if last := len(h.sources) - 1; last > 0 {
			h.say("%s is no longer a source", h.sources[last])
			delete(h.sources, last)
		}
	}
	return ""
}

// configureHistory writes the configuration.
func (h *history) configureHistory() {
	var config strings.Builder
	var records, statuses, complete []string
	for _, place := range slices.Sorted(maps.Keys(h.sources)) {
		order := h.sources[place]
		dataSource, argument := order.block()
		id := fmt.Sprint(order.id)
		if h.indirect {
			fmt.Fprintf(&config, "resource \"terraform_data\" \"order_%d\" {\n  input = %s\n}\n", place, id)
			id = fmt.Sprintf("terraform_data.order_%d.output", place)
		}
		fmt.Fprintf(&config, "data %q \"order_%d\" {\n  %s = %s\n}\n", dataSource, place, argument, id)
		address := fmt.Sprintf("data.%s.order_%d", dataSource, place)
		records = append(records, address+".dns_records")
		statuses = append(statuses, address+".dcv_status")
		complete = append(complete, address+".dcv_complete")
	}
	var options string
	if h.statuses {
		options += "  statuses = [" + strings.Join(statuses, ", ") + "]\n"
	}
	if h.skip {
		options += "  on_missing = \"skip\"\n"
	}
	names, _ := json.Marshal(h.names)
	fmt.Fprintf(&config, "resource \"certops_dcv_records\" %q {\n  domains = %s\n  sources = [%s]\n  zones = [\"example.com\", "+
		"\"example.net\"]\n%s}\n",
		h.label, names, strings.Join(records, ", "), options)
	fmt.Fprintf(&config, "output \"statuses\" {\n  value = [%s]\n}\noutput \"complete\" {\n  value = [%s]\n}\n", strings.Join(statuses,
		", "), strings.Join(complete, ", "))
	h.configure("%s%s", config.String(), strings.ReplaceAll(published, "certops_dcv_records.this", "certops_dcv_records."+h.label))
}

// zoneLine is a record as the DNS server of the simulator lists it.
type zoneLine struct{ name, rrtype, data string }

// needed are the records that open validations of configured names wait for.
func (h *history) needed() map[zoneLine]string {
	needed := map[zoneLine]string{}
	for _, order := range h.sources {
		state, err := h.s.State(order.service, order.id)
		h.must(err)
		if state.Stage == core.StageCanceled || state.Stage == core.StageIssued {
			continue
		}
		for _, c := range state.Challenges {
			open := c.Status != core.StatusValidated && c.Type != ""
			if !open || !slices.ContainsFunc(c.Names, func(name string) bool { return slices.Contains(h.names, name) }) {
				continue
			}
			// Tokens at the domain itself go to _dnsauth, unless they are Edgecast's.
			line := zoneLine{strings.ToLower(c.Name), c.Type, c.Value}
			if c.Type == "TXT" {
				line.data = `"` + c.Value + `"`
				if order.service == sandbox.DigiCert {
					line.name = "_dnsauth." + strings.TrimPrefix(c.Domain, "*.")
				}
			} else {
				line.data = c.Value + "."
			}
			needed[line] = fmt.Sprintf("%s needs it for %v", order, c.Names)
		}
	}
	return needed
}

// outcome is how an apply ended.
type outcome int

const (
	hasApplied outcome = iota
	isRefused
	isUnfinished // a second apply, which knows the sources, finishes
)

// apply applies, and demands that no needed record is lost and that nothing is validated too early.
func (h *history) apply(replace string) outcome {
	h.t.Helper()
	needed := h.needed()
	h.s.ClearDNSJournal()
	arguments := []string{"apply", "-auto-approve"}
	if h.saves {
		arguments = []string{"plan", "-out=plan"}
	}
	if replace != "" {
		arguments = append(arguments, "-replace="+replace)
	}
	output, ok := h.terraform(append(arguments, "-input=false", "-json")...)
	_, after, planned := strings.Cut(output, `"operation":"plan"`)
	if h.saves {
		if planned = ok; planned {
			after, ok = h.terraform("apply", "-input=false", "-json", "plan")
			output += after
		}
	} else {
		// Terraform also sums up the part of a plan that failed, and then starts nothing.
		planned = planned && (ok || strings.Contains(after, `"type":"apply_start"`))
	}
	errors, warnings := h.summaries(output)
	if !planned {
		h.say("  plan: %s", strings.Join(errors, "; "))
		return isRefused
	}
	replaced := 0 // record sets that something else has taken the place of, or not yet
	for _, change := range h.s.DNSJournal() {
		switch change.Operation {
		case "create":
			replaced--
		case "delete":
			replaced++
		}
		h.say("  %s %s %s: %v -> %v", change.Operation, change.Name, change.Type, change.Before, change.After)
		for _, data := range change.Before {
			if why := needed[zoneLine{change.Name, change.Type, data}]; why != "" && !slices.Contains(change.After, data) {
				h.fatal("the record %s %s %s is lost, and %s\n%s", change.Name, change.Type, data, why, output)
			}
		}
	}
	if replaced > 0 && !h.lost {
		h.fatal("records of configured names are deleted")
	}
	h.lost = h.lost && !ok
	says := func(all []string, text string) bool {
		return slices.ContainsFunc(all, func(one string) bool { return strings.Contains(one, text) })
	}
	switch stays := says(warnings, "Retained Records Stay As They Are"); {
	case ok:
		h.applies++
		h.afterApply(needed, !stays && !h.skip)
		if stays {
			return isUnfinished
		}
		return hasApplied
	case says(errors, "inconsistent"):
		if !h.indirect || !stays && !says(warnings, "Entries Come, Go or Move") && !says(warnings, "New Resource Without Retained Records") {
			h.fatal("an inconsistent plan without a warning\n%s", output)
		}
		h.say("  inconsistent final plan")
		return isUnfinished
	case h.indirect && (says(errors, "Unable to Read") || says(errors, "No DNS Record") || says(errors, "Conflicting")):
		// The responses were not known before the apply.
		h.say("  apply: %s", strings.Join(errors, "; "))
		return isRefused
	}
	h.fatal("a plan that succeeded does not apply: %v\n%s", errors, output)
	return isRefused
}

// summaries are those of the diagnostics in Terraform's JSON output.
func (h *history) summaries(output string) (errors, warnings []string) {
	h.t.Helper()
	for _, diagnostics := range h.diagnostics(output) {
		for _, d := range diagnostics {
			if d.Severity == "error" {
				errors = append(errors, d.Summary)
			} else {
				warnings = append(warnings, d.Summary)
			}
		}
	}
	return errors, warnings
}

// afterApply demands that DNS has all that is needed, and that nothing counts as validated which the vendor has not validated.
func (h *history) afterApply(needed map[zoneLine]string, all bool) {
	h.t.Helper()
	published := map[zoneLine]bool{}
	for _, line := range h.s.Records() {
		if fields := strings.Fields(line); len(fields) >= 5 {
			published[zoneLine{strings.TrimSuffix(fields[0], "."), fields[3], strings.Join(fields[4:], " ")}] = true
		}
	}
	for line, why := range needed {
		if all && !published[line] {
			h.fatal("the record %v is not published, and %s: DNS has %v", line, why, slices.Collect(maps.Keys(published)))
		}
	}
	text, err := os.ReadFile(filepath.Join(h.dir, "terraform.tfstate"))
	h.must(err)
	var state struct {
		Outputs struct {
			Statuses struct {
				Value []map[string]struct {
					Status string `json:"status"`
				} `json:"value"`
			} `json:"statuses"`
			Complete struct {
				Value []bool `json:"value"`
			} `json:"complete"`
		} `json:"outputs"`
	}
	h.must(json.Unmarshal(text, &state))
	for i, place := range slices.Sorted(maps.Keys(h.sources)) {
		order := h.sources[place]
		vendor, err := h.s.State(order.service, order.id)
		h.must(err)
		for _, c := range vendor.Challenges {
			if c.Status == core.StatusValidated || vendor.Stage == core.StageIssued {
				continue
			}
			for _, name := range c.Names {
				if state.Outputs.Statuses.Value[i][name].Status == "validated" {
					h.fatal("%s: %s is validated before the vendor says so", order, name)
				}
			}
			if state.Outputs.Complete.Value[i] {
				h.fatal("%s: dcv_complete is true, and %s is %s", order, c.Domain, c.Status)
			}
		}
	}
}

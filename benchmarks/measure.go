// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/certops/terraform-provider-certops/internal/sandbox"
)

// The parallelism of Terraform, its default first, and the delays of the server that are measured.
var (
	parallelisms = []int{10, 100}
	delays       = []time.Duration{0, slowServer}
)

const (
	slowServer = 50 * time.Millisecond
	// coldStarts is how often the provider is started in each repeat: one start is short, and so easily disturbed.
	coldStarts = 10
	// busy is the load average for each core above which the figures are not to be trusted.
	busy = 0.5
)

// results are the figures of one run. Entries of different kinds with the same index were measured one after the other.
type results struct {
	sizes
	repeats      int
	machine      machine
	httpVersion  string
	httpMissing  string
	binarySize   int64
	loads        []float64  // load averages of the machine before each repeat
	scenarios    []scenario // in the order of measuring
	plans        map[scenario][]sample
	processReads []reading
	instantReads []reading // the same without a delay
	orderReads   []reading
	cold         []coldStart
	goBench      string
}

// simulators are APIs with as many objects as a scenario needs. Each is started when it is first asked for.
type simulators map[string]*sandbox.Sandbox

// get returns an API that lists exactly that many processes, or for reads of single objects one that has all of them.
func (all simulators) get(ctx context.Context, read string, objects int) (*sandbox.Sandbox, error) {
	key := fmt.Sprint(read, objects)
	if api, ok := all[key]; ok {
		return api, nil
	}
	// One look at DNS an order: the simulator's look-ups are no part of the measurement.
	api, err := sandbox.Start(ctx, sandbox.Options{LookInterval: 24 * time.Hour})
	if err != nil {
		return nil, err
	}
	all[key] = api
	populate := objects
	if read == plural && objects > 1 {
		listed, err := readProcesses(ctx, api, 0)
		if err != nil {
			return nil, err
		}
		populate -= listed.requests - 1 // The list itself is one request.
	}
	if err := api.Populate(populate); err != nil {
		return nil, err
	}
	_, err = readProcesses(ctx, api, 0)
	return api, err
}

// close stops all of them.
func (all simulators) close() {
	for _, api := range all {
		_ = api.Close()
	}
}

// measure measures everything but the Go benchmarks.
func measure(ctx context.Context, o options, root string, say func(string, ...any)) (*results, error) {
	say("building")
	w, err := newWorkshop(ctx, root, o.work)
	if err != nil {
		return nil, err
	}
	r := &results{sizes: o.sizes(), repeats: o.repeats, plans: make(map[scenario][]sample), httpVersion: w.httpVersion,
		httpMissing: w.httpMissing}
	if r.machine, err = thisMachine(ctx, w.terraform); err != nil {
		return nil, err
	}
	binary, err := os.Stat(w.binary)
	if err != nil {
		return nil, err
	}
	r.binarySize = binary.Size()
	if w.httpMissing != "" {
		say("hashicorp/http is not measured: %s", w.httpMissing)
	}
	r.scenarios = r.allScenarios()

	apis := make(simulators)
	defer apis.close()
	say("starting simulators")
	for _, s := range r.scenarios {
		if _, err := apis.get(ctx, s.read, r.populated(s)); err != nil {
			return nil, err
		}
	}
	pending, err := sandbox.Start(ctx, sandbox.Options{LookInterval: 24 * time.Hour})
	if err != nil {
		return nil, err
	}
	defer pending.Close()
	if err := pending.Populate(2 * r.orders); err != nil { // Every second order is issued.
		return nil, err
	}

	for repeat := range o.repeats {
		r.loads = append(r.loads, load())
		if l := r.loads[repeat]; l > busy*float64(r.machine.cores) {
			say("warning: the load average is %.2f, so the machine is not quiet", l)
		}
		say("repeat %d of %d", repeat+1, o.repeats)
		if err := r.once(ctx, w, apis, pending); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// populated is how many objects the API of a scenario has. Plans for single objects share one API.
func (r *results) populated(s scenario) int {
	switch s.read {
	case singular:
		return max(r.largest, r.singular)
	case retained:
		return 0
	}
	return s.objects
}

// allScenarios lists the plans of one repeat. Those that are compared with each other stand together.
func (r *results) allScenarios() []scenario {
	providers := []string{certops}
	if r.httpVersion != "" {
		providers = append(providers, hashicorpHTTP)
	}
	var all []scenario
	add := func(s scenario) {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	for _, objects := range r.matrix {
		for _, parallelism := range parallelisms {
			for _, delay := range delays {
				for _, provider := range providers {
					add(scenario{provider, singular, objects, parallelism, delay})
				}
				if objects == r.largest && parallelism == parallelisms[0] {
					add(scenario{certops, plural, objects, parallelism, delay})
				}
			}
		}
	}
	for _, objects := range r.growth {
		if objects <= r.singular {
			for _, provider := range providers {
				add(scenario{provider, singular, objects, parallelisms[0], 0})
			}
		}
		add(scenario{certops, plural, objects, parallelisms[0], 0})
	}
	for _, names := range r.retained {
		add(retaining(names))
	}
	return all
}

// retaining is the plan without changes of one certops_dcv_records with so many names.
func retaining(names int) scenario { return scenario{certops, retained, names, parallelisms[0], 0} }

// once measures everything once.
func (r *results) once(ctx context.Context, w *workshop, apis simulators, pending *sandbox.Sandbox) error {
	for _, s := range r.scenarios {
		api, err := apis.get(ctx, s.read, r.populated(s))
		if err != nil {
			return err
		}
		measured, err := w.plan(ctx, s, api)
		if err != nil {
			return err
		}
		r.plans[s] = append(r.plans[s], measured)
	}
	api, err := apis.get(ctx, plural, r.largest)
	if err != nil {
		return err
	}
	instant, err := readProcesses(ctx, api, 0)
	if err != nil {
		return err
	}
	processes, err := readProcesses(ctx, api, slowServer)
	if err != nil {
		return err
	}
	orders, err := readOrders(ctx, pending)
	if err != nil {
		return err
	}
	r.instantReads, r.processReads, r.orderReads = append(r.instantReads, instant), append(r.processReads, processes),
		append(r.orderReads, orders)
	for range coldStarts {
		start, err := startCold(ctx, w.binary)
		if err != nil {
			return err
		}
		r.cold = append(r.cold, start)
	}
	return nil
}

// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// median is the middle of the values, the lower of two, and zero when there are none.
func median[T cmp.Ordered](values []T) (middle T) {
	if len(values) == 0 {
		return middle
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)-1)/2]
}

// pick takes one figure of each of several measurements.
func pick[T, V any](all []T, figure func(T) V) []V {
	picked := make([]V, len(all))
	for i, one := range all {
		picked[i] = figure(one)
	}
	return picked
}

// The figures of a plan.
func wall(s sample) float64        { return s.wall.Seconds() }
func cpu(s sample) float64         { return s.cpu.Seconds() }
func peak(s sample) float64        { return float64(s.peak) / 1e6 }
func connections(s sample) float64 { return float64(s.connections) }

// of is the median of a figure in a scenario.
func (r *results) of(s scenario, figure func(sample) float64) float64 {
	return median(pick(r.plans[s], figure))
}

// ratio is the median of the ratios of a figure in two scenarios, each ratio from one repeat; NaN when one of the scenarios
// was not measured.
func (r *results) ratio(a, b scenario, figure func(sample) float64) float64 {
	if len(r.plans[a]) == 0 || len(r.plans[a]) != len(r.plans[b]) {
		return math.NaN()
	}
	ratios := make([]float64, len(r.plans[a]))
	for i := range ratios {
		ratios[i] = figure(r.plans[a][i]) / figure(r.plans[b][i])
	}
	return median(ratios)
}

// target is a figure and the bound it has to keep.
type target struct {
	what     string
	bound    string
	measured string
	met      bool
	known    bool
}

// atMost makes a target that a figure must not exceed.
func atMost(what string, figure, bound float64, format string) target {
	return target{what, "at most " + fmt.Sprintf(format, bound), fmt.Sprintf(format, figure), figure <= bound, !math.IsNaN(figure)}
}

// atLeast makes a target that a figure must reach.
func atLeast(what string, figure, bound float64, format string) target {
	return target{what, "at least " + fmt.Sprintf(format, bound), fmt.Sprintf(format, figure), figure >= bound, !math.IsNaN(figure)}
}

// verdict says whether the target is met.
func (t target) verdict() string {
	switch {
	case !t.known:
		return "not measured"
	case t.met:
		return "met"
	}
	return "**missed**"
}

// targets are what the figures have to show.
func (r *results) targets() []target {
	var all []target
	for _, parallelism := range parallelisms {
		own := scenario{certops, singular, r.largest, parallelism, 0}
		other := own
		other.provider = hashicorpHTTP
		where := fmt.Sprintf(" of hashicorp/http's, %d instances, parallelism %d", r.largest, parallelism)
		all = append(all,
			atMost("CPU of the provider"+where, r.ratio(own, other, cpu), 0.5, "%.2f"),
			atMost("Peak memory of the provider"+where, r.ratio(own, other, peak), 0.6, "%.2f"))
	}
	for i, most := range []float64{10, 32} {
		var seen float64
		for s, samples := range r.plans {
			if s.provider == certops && s.read == singular && s.parallelism == parallelisms[i] {
				seen = max(seen, slices.Max(pick(samples, connections)))
			}
		}
		all = append(all, atMost(fmt.Sprintf("Connections at parallelism %d, the most of any plan", parallelisms[i]), seen, most, "%.0f"))
	}
	one, many := r.oneEach(), r.allAtOnce()
	half, most := retaining(r.retained[len(r.retained)-2]), retaining(r.retained[len(r.retained)-1])
	return append(all,
		atMost(fmt.Sprintf("CPU of the provider, %d names in one certops_dcv_records, no changes, s", half.objects), r.of(half, cpu), 1, "%.2f"),
		atMost(fmt.Sprintf("The same with %d names: times as much", most.objects), r.ratio(most, half, cpu), 2.2, "%.2f"),
		atMost(fmt.Sprintf("Plural read of %d objects against its limit, %s delay", r.largest, slowServer),
			median(pick(r.processReads, reading.overLimit)), 1.2, "%.2f"),
		atLeast(fmt.Sprintf("Plural against %d singular instances, no delay: times faster", r.largest), r.ratio(one, many, wall), timesFaster,
			"%.1f"),
		atMost("Cold start to schema, ms", milliseconds(median(pick(r.cold, func(c coldStart) time.Duration { return c.wall }))), 30, "%.1f"),
		atMost("Stripped binary, MB", float64(r.binarySize)/1e6, 22, "%.1f"),
	)
}

const (
	timesFaster = 4    // than single instances, for which a plural data source aims
	manyOrders  = 1000 // of DigiCert, an example of what its rate limit means
)

// oneEach reads the most objects that the targets are about, with an instance for each.
func (r *results) oneEach() scenario {
	return scenario{certops, singular, r.largest, parallelisms[0], 0}
}

// allAtOnce reads the same objects with one data source.
func (r *results) allAtOnce() scenario {
	return scenario{certops, plural, r.largest, parallelisms[0], 0}
}

// missed tells whether a target that was measured is not met.
func (r *results) missed() bool {
	return slices.ContainsFunc(r.targets(), func(t target) bool { return t.known && !t.met })
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// figures writes all tables in Markdown.
func (r *results) figures() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Measured on %d cores of %s with %s, %s/%s, %s and %s; %s; %d repeats%s.\n",
		r.machine.cores, r.machine.processor, r.machine.memory, runtime.GOOS, runtime.GOARCH, runtime.Version(), r.machine.terraform,
		cmp.Or(prefixed("hashicorp/http ", r.httpVersion), "hashicorp/http not measured: "+r.httpMissing), r.repeats, r.loadText())

	b.WriteString("\n### Targets\n\n| target | bound | measured | |\n| --- | --- | ---: | --- |\n")
	for _, t := range r.targets() {
		measured := t.measured
		if !t.known {
			measured = ""
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", t.what, t.bound, measured, t.verdict())
	}

	b.WriteString("\n### One instance for each object\n\nEach cell has certops, hashicorp/http and the first divided by the second. All " +
		"three are medians, the last of the repeats' ratios.\n\n" +
		"| instances | parallelism | delay | wall, s | provider CPU, s | peak memory, MB | connections |\n| ---: | ---: | ---: | ---: | ---: " +
		"| ---: | ---: |\n")
	for _, s := range r.scenarios {
		if s.provider != certops || s.read != singular || !slices.Contains(r.matrix, s.objects) {
			continue
		}
		fmt.Fprintf(&b, "| %d | %d | %s | %s | %s | %s | %s |\n", s.objects, s.parallelism, delayText(s.delay),
			r.against(s, wall, "%.2f"), r.against(s, cpu, "%.2f"), r.against(s, peak, "%.0f"), r.against(s, connections, "%.0f"))
	}

	fmt.Fprintf(&b, "\n### All objects at once\n\n%d objects, parallelism %d. Each cell has the plural data source, one instance for each "+
		"object, and the second divided by the first.\n\n"+
		"| delay | wall, s | provider CPU, s | peak memory, MB |\n| ---: | ---: | ---: | ---: |\n", r.largest, parallelisms[0])
	for _, delay := range delays {
		many, one := r.allAtOnce(), r.oneEach()
		many.delay, one.delay = delay, delay
		cell := func(figure func(sample) float64, format string) string {
			return fmt.Sprintf(format+" · "+format+" · **%.1f**", r.of(many, figure), r.of(one, figure), r.ratio(one, many, figure))
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", delayText(delay), cell(wall, "%.2f"), cell(cpu, "%.2f"), cell(peak, "%.0f"))
	}

	b.WriteString("\n" + r.terraformShare() + "\n\nThe read alone, without Terraform, against the least that its requests take:\n\n" +
		"| read | requests | limit, s | measured, s | ratio |\n| --- | ---: | ---: | ---: | ---: |\n")
	for _, row := range []struct {
		what string
		all  []reading
	}{
		{fmt.Sprintf("%d processes with info, %s delay, %d at a time", r.largest, slowServer, ownParallelism), r.processReads},
		{fmt.Sprintf("%d pending DigiCert orders with validation, 100 requests in 5 s", r.orders), r.orderReads},
	} {
		fmt.Fprintf(&b, "| %s | %d | %.2f | %.2f | **%.2f** |\n", row.what,
			median(pick(row.all, func(r reading) int { return r.requests })),
			median(pick(row.all, func(r reading) float64 { return r.limit.Seconds() })),
			median(pick(row.all, func(r reading) float64 { return r.took.Seconds() })),
			median(pick(row.all, reading.overLimit)))
	}

	b.WriteString("\n### How the cost grows\n\n![Time and memory against the number of objects](growth.svg)\n\n" +
		"No delay. Wall is the whole plan's. Instances are measured up to 1000; the last column is what reading so many DigiCert orders takes " +
		"any client.\n\n" +
		"| objects | plural: wall, s | CPU, s | peak, MB | singular: wall, s | CPU, s | peak, MB | DigiCert's rate limit, s |\n" +
		"| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for _, objects := range r.growth {
		many := scenario{certops, plural, objects, parallelisms[0], 0}
		one := scenario{certops, singular, objects, parallelisms[0], 0}
		fmt.Fprintf(&b, "| %d | %s | %s | %.0f |\n", objects, r.costs(many), r.costs(one), atRateLimit(orderRequests(objects)).Seconds())
	}

	b.WriteString("\n### Retained records\n\nA plan without changes of one `certops_dcv_records`.\n\n| names | wall, s | provider CPU, s | " +
		"peak memory, MB |\n| ---: | ---: | ---: | ---: |\n")
	for _, names := range r.retained {
		fmt.Fprintf(&b, "| %d | %s |\n", names, r.costs(retaining(names)))
	}

	fmt.Fprintf(&b, "\n### In process\n\nFrom starting the process to having its schemas: %.1f ms, and %.1f ms of CPU, on both cores "+
		"together. Stripped binary: %.1f MB.\n",
		milliseconds(median(pick(r.cold, func(c coldStart) time.Duration { return c.wall }))),
		milliseconds(median(pick(r.cold, func(c coldStart) time.Duration { return c.cpu }))), float64(r.binarySize)/1e6)
	if all := goFigures(r.goBench); len(all) > 0 {
		b.WriteString("\n| Go benchmark | ms/op | kB/op | allocs/op |\n| --- | ---: | ---: | ---: |\n")
		for _, f := range all {
			fmt.Fprintf(&b, "| `%s` | %.3f | %.0f | %.0f |\n", f.name, f.ns/1e6, f.bytes/1e3, f.allocate)
		}
	}
	return b.String()
}

// terraformShare tells what of the plan with all objects at once does not depend on how fast they are read.
func (r *results) terraformShare() string {
	read := median(pick(r.instantReads, func(r reading) float64 { return r.took.Seconds() }))
	var rest, bound []float64
	for i, many := range r.plans[r.allAtOnce()] {
		rest = append(rest, wall(many)-r.instantReads[i].took.Seconds())
		bound = append(bound, wall(r.plans[r.oneEach()][i])/rest[i])
	}
	return fmt.Sprintf("At no delay the read itself takes %.2f s, measured without Terraform. The other %.2f s do not depend on "+
		"the read: Terraform and the provider start, and Terraform stores the state. If the plural read took no time, "+
		"it would be **%.1f** times faster than one instance for each object.",
		read, median(rest), median(bound))
}

// highlights are the figures for who wants only some.
func (r *results) highlights() string {
	seconds := func(s scenario) string { return fmt.Sprintf("%.1f s", r.of(s, wall)) }
	each, all := r.oneEach(), r.allAtOnce()
	slow := all
	slow.delay = slowServer
	var b strings.Builder
	b.WriteString("| what | figure |\n|---|---|\n")
	row := func(what, format string, values ...any) {
		fmt.Fprintf(&b, "| %s | "+format+" |\n", append([]any{what}, values...)...)
	}
	row(fmt.Sprintf("`terraform plan` with %d processes of Realtime Register in one `certops_processes`", r.largest),
		"%s; %s where each request takes %s", seconds(all), seconds(slow), delayText(slowServer))
	row(fmt.Sprintf("how much longer that read takes than its requests, %d at a time", ownParallelism),
		"%.2f times", median(pick(r.processReads, reading.overLimit)))
	row(fmt.Sprintf("how much faster it is than %d instances of `certops_process_info`", r.largest),
		"%.1f times (target: %d)", r.ratio(each, all, wall), timesFaster)
	row(fmt.Sprintf("%d DigiCert orders with their validations", r.orders),
		"%.2f times what the vendor's rate limit takes: %.0f s; %d orders take %.0f s",
		median(pick(r.orderReads, reading.overLimit)), median(pick(r.orderReads, func(r reading) float64 { return r.limit.Seconds() })),
		manyOrders, atRateLimit(orderRequests(manyOrders)).Seconds())
	if r.httpVersion != "" {
		other := each
		other.provider = hashicorpHTTP
		row(fmt.Sprintf("%d instances of `certops_process_info` against hashicorp/http with the same GETs", r.largest),
			"%.2f of its time, %.2f of its CPU, %.2f of its memory, %.0f connections instead of %.0f",
			r.ratio(each, other, wall), r.ratio(each, other, cpu), r.ratio(each, other, peak), r.of(each, connections), r.of(other, connections))
		single, otherSingle := each, other
		single.objects, otherSingle.objects = 1, 1
		row("one instance against one of hashicorp/http", "%.2f of its time, %.2f of its CPU",
			r.ratio(single, otherSingle, wall), r.ratio(single, otherSingle, cpu))
	}
	row("from starting the provider to its schema", "%.0f ms; the binary has %.0f MB",
		milliseconds(median(pick(r.cold, func(c coldStart) time.Duration { return c.wall }))), float64(r.binarySize)/1e6)
	return b.String()
}

// loadText tells how busy the machine was with other work, as far as it tells.
func (r *results) loadText() string {
	if len(r.loads) == 0 || slices.Max(r.loads) == 0 {
		return ""
	}
	texts := pick(r.loads, func(l float64) string { return fmt.Sprintf("%.1f", l) })
	return ", before which the load average was " + strings.Join(texts, ", ")
}

// prefixed puts text before other text, if there is any.
func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}

// delayText is a delay as tables have it.
func delayText(delay time.Duration) string {
	return fmt.Sprintf("%d ms", delay.Milliseconds())
}

// against is the cell that compares a figure with hashicorp/http's.
func (r *results) against(s scenario, figure func(sample) float64, format string) string {
	other := s
	other.provider = hashicorpHTTP
	own := fmt.Sprintf(format, r.of(s, figure))
	if len(r.plans[other]) == 0 {
		return own + " · not measured"
	}
	return own + " · " + fmt.Sprintf(format, r.of(other, figure)) + fmt.Sprintf(" · **%.2f**", r.ratio(s, other, figure))
}

// costs are the three cells of what a scenario takes.
func (r *results) costs(s scenario) string {
	if len(r.plans[s]) == 0 {
		return " | | "
	}
	return fmt.Sprintf("%.2f | %.2f | %.0f", r.of(s, wall), r.of(s, cpu), r.of(s, peak))
}

// orderRequests is how many requests it takes to read pending DigiCert orders of one domain each: a page of the list for
// 1000, and the validation and the domain of each.
func orderRequests(orders int) int {
	return (orders+999)/1000 + 2*orders
}

// benchstat writes every single measurement as a line that benchstat reads.
func (r *results) benchstat() string {
	var b strings.Builder
	fmt.Fprintf(&b, "goos: %s\ngoarch: %s\npkg: github.com/certops/terraform-provider-certops/benchmarks\ncpu: %s\n", runtime.GOOS,
		runtime.GOARCH, r.machine.processor)
	for _, s := range r.scenarios {
		for _, one := range r.plans[s] {
			fmt.Fprintf(&b, "Benchmark%s 1 %d ns/op %d cpu-ns/op %d peak-B/op %d conns/op %d requests/op\n",
				s.name(), one.wall, one.cpu, one.peak, one.connections, one.requests)
		}
	}
	for _, one := range r.processReads {
		fmt.Fprintf(&b, "BenchmarkRead/source=certops_processes/delay=%s 1 %d ns/op %.4f x-limit\n", slowServer, one.took, one.overLimit())
	}
	for _, one := range r.instantReads {
		fmt.Fprintf(&b, "BenchmarkRead/source=certops_processes/delay=0s 1 %d ns/op\n", one.took)
	}
	for _, one := range r.orderReads {
		fmt.Fprintf(&b, "BenchmarkRead/source=certops_digicert_orders 1 %d ns/op %.4f x-limit\n", one.took, one.overLimit())
	}
	for _, one := range r.cold {
		fmt.Fprintf(&b, "BenchmarkColdStart 1 %d ns/op %d cpu-ns/op\n", one.wall, one.cpu)
	}
	fmt.Fprintf(&b, "BenchmarkBinary 1 %d B\n", r.binarySize)
	return b.String() + r.goBench
}

// The marks between which README.md has the figures.
const (
	figuresBegin = "<!-- figures: written by \"make bench ARGS=-update\" -->\n"
	figuresEnd   = "<!-- end of figures -->\n"
)

// updateREADME replaces the figures.
func updateREADME(path, figures string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	updated, err := replaceFigures(string(content), figures)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, []byte(updated), 0o644)
}

// replaceFigures puts other figures between the marks.
func replaceFigures(content, figures string) (string, error) {
	before, rest, begins := strings.Cut(content, figuresBegin)
	_, after, ends := strings.Cut(rest, figuresEnd)
	if !begins || !ends {
		return "", errors.New("the marks of the figures are missing")
	}
	return before + figuresBegin + "\n" + figures + "\n" + figuresEnd + after, nil
}

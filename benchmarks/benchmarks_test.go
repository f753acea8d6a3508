// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// someResults are figures of two repeats in which certops takes half of what hashicorp/http takes, or, for the factor 1, as
// much.
func someResults(httpVersion string, factor int) *results {
	r := &results{
		sizes:        options{quick: true}.sizes(),
		repeats:      2,
		plans:        make(map[scenario][]sample),
		httpVersion:  httpVersion,
		httpMissing:  "it was not there",
		binarySize:   20_000_000,
		processReads: []reading{{took: 11 * time.Second, requests: 320, limit: 10 * time.Second}},
		instantReads: []reading{{took: 500 * time.Millisecond, requests: 320}, {took: 500 * time.Millisecond, requests: 320}},
		orderReads:   []reading{{took: 5 * time.Second, requests: 101, limit: 5 * time.Second}},
		cold:         []coldStart{{wall: 10 * time.Millisecond, cpu: 8 * time.Millisecond}},
		goBench: "BenchmarkSchema-2 \t 10\t 2000000 ns/op\t 3000 B/op\t 40 allocs/op\nBenchmarkSchema-2 10 4000000 ns/op 3000 B/op 40 " +
			"allocs/op\nPASS\n",
	}
	r.scenarios = r.allScenarios()
	for _, s := range r.scenarios {
		one := sample{wall: 8 * time.Second, cpu: time.Second, peak: 50e6, connections: 10, requests: s.objects}
		if s.provider == hashicorpHTTP {
			one.cpu, one.peak = time.Duration(factor)*one.cpu, int64(factor)*one.peak
		}
		if s.read == plural {
			one.wall = time.Second
		}
		r.plans[s] = []sample{one, one}
	}
	return r
}

func TestTargets(t *testing.T) {
	verdicts := func(r *results) string {
		var all []string
		for _, target := range r.targets() {
			all = append(all, target.verdict())
		}
		// Those against hashicorp/http are the first four of twelve.
		if len(all) != 12 || slices.ContainsFunc(all[4:], func(verdict string) bool { return verdict != "met" }) {
			t.Errorf("unexpected verdicts %q", all)
		}
		return strings.Join(slices.Compact(all[:4]), ", ")
	}
	tests := map[string]struct {
		results *results
		want    string
		missed  bool
	}{
		"met":          {someResults("3.6.0", 2), "met", false},
		"missed":       {someResults("3.6.0", 1), "**missed**", true},
		"not measured": {someResults("", 2), "not measured", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := verdicts(test.results); got != test.want || test.results.missed() != test.missed {
				t.Errorf("got %s (missed: %t), want %s", got, test.results.missed(), test.want)
			}
		})
	}
}

func TestFigures(t *testing.T) {
	figures := someResults("3.6.0", 2).figures()
	for _, want := range []string{
		"| 50 | 10 | 0 ms | 8.00 · 8.00 · **1.00** | 1.00 · 2.00 · **0.50** | 50 · 100 · **0.50** | 10 · 10 · **1.00** |",
		"| 0 ms | 1.00 · 8.00 · **8.0** |",
		"| 320 | 10.00 | 11.00 | **1.10** |",
		"takes 0.50 s, measured without Terraform. The other 0.50 s do not depend on the read",
		"it would be **16.0** times faster",
		"| 10 | 8.00 | 1.00 | 50 |",
		"| `Schema` | 2.000 | 3 | 40 |",
	} {
		if !strings.Contains(figures, want) {
			t.Errorf("the figures lack %s:\n%s", want, figures)
		}
	}
	if missing := someResults("", 2).figures(); !strings.Contains(missing, "hashicorp/http not measured: it was not there") {
		t.Errorf("the figures do not say why hashicorp/http was not measured:\n%s", missing)
	}
	columns := 0
	for _, line := range strings.Split(figures, "\n") {
		switch {
		case !strings.HasPrefix(line, "|"):
			columns = 0
		case columns == 0:
			columns = strings.Count(line, "|")
		case strings.Count(line, "|") != columns:
			t.Errorf("a row with other columns than its table: %s", line)
		}
	}
}

func TestHighlights(t *testing.T) {
	got := someResults("3.6.0", 2).highlights()
	want := "| what | figure |\n|---|---|\n" +
		"| `terraform plan` with 50 processes of Realtime Register in one `certops_processes` | 1.0 s; 1.0 s where each request takes 50 ms |\n" +
		"| how much longer that read takes than its requests, 32 at a time | 1.10 times |\n" +
		"| how much faster it is than 50 instances of `certops_process_info` | 8.0 times (target: 4) |\n" +
		"| 60 DigiCert orders with their validations | 1.00 times what the vendor's rate limit takes: 5 s; 1000 orders take 360 s |\n" +
		"| 50 instances of `certops_process_info` against hashicorp/http with the same GETs | 1.00 of its time, 0.50 of its CPU, 0.50 of its " +
		"memory, 10 connections instead of 10 |\n" +
		"| one instance against one of hashicorp/http | 1.00 of its time, 0.50 of its CPU |\n" +
		"| from starting the provider to its schema | 10 ms; the binary has 20 MB |\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if missing := someResults("", 2).highlights(); strings.Contains(missing, "hashicorp") {
		t.Errorf("figures of what was not measured:\n%s", missing)
	}
}

func TestPlot(t *testing.T) {
	plot := someResults("3.6.0", 2).plot()
	for decoder := xml.NewDecoder(strings.NewReader(plot)); ; {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(plot, "NaN") || strings.Contains(plot, "Inf") {
		t.Error("the plot has points that are nowhere")
	}
	for _, name := range []string{"certops_processes", "certops_process_info each", "hashicorp/http each",
		"DigiCert orders at the rate limit"} {
		if n := strings.Count(plot, ">"+name+"<"); n != 1 {
			t.Errorf("%s stands in the legend %d times", name, n)
		}
	}
}

func TestSpanOf(t *testing.T) {
	for name, test := range map[string]struct {
		values []float64
		want   span
	}{
		"one power":        {[]float64{1}, span{0, 1}},
		"between":          {[]float64{0.3, 42}, span{-1, 2}},
		"zeros left out":   {[]float64{0, 10, 100}, span{1, 2}},
		"nothing":          {nil, span{0, 1}},
		"only zeros":       {[]float64{0}, span{0, 1}},
		"up to a power":    {[]float64{1, 10_000}, span{0, 4}},
		"all within power": {[]float64{23, 78}, span{1, 2}},
	} {
		if got := spanOf(test.values); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		values []int
		want   int
	}{{nil, 0}, {[]int{7}, 7}, {[]int{3, 1}, 1}, {[]int{9, 1, 5}, 5}, {[]int{4, 1, 3, 2}, 2}} {
		if got := median(test.values); got != test.want {
			t.Errorf("median(%v) = %d, want %d", test.values, got, test.want)
		}
	}
}

func TestRatioOfWhatWasNotMeasured(t *testing.T) {
	if ratio := (&results{}).ratio(scenario{}, scenario{objects: 1}, wall); !math.IsNaN(ratio) {
		t.Errorf("got %v", ratio)
	}
}

func TestAtRateLimit(t *testing.T) {
	for requests, want := range map[int]time.Duration{
		0:    0,
		100:  0,
		101:  5 * time.Second,
		200:  5 * time.Second,
		201:  10 * time.Second,
		1000: 45 * time.Second,
		1001: 3 * time.Minute,
		2001: 6 * time.Minute,
	} {
		if got := atRateLimit(requests); got != want {
			t.Errorf("%d requests: got %s, want %s", requests, got, want)
		}
	}
}

func TestBenchstat(t *testing.T) {
	got := someResults("", 2).benchstat()
	want := "BenchmarkPlan/provider=certops/read=singular/objects=50/parallelism=10/delay=50ms 1 8000000000 ns/op 1000000000 cpu-ns/op " +
		"50000000 peak-B/op 10 conns/op 50 requests/op\n"
	if strings.Count(got, want) != 2 {
		t.Errorf("want twice %s in:\n%s", want, got)
	}
}

func TestGoFigures(t *testing.T) {
	got := goFigures("goos: linux\nBenchmarkRead/certops_a-8 \t 5\t 300 ns/op\t 20 B/op\t 1 allocs/op\nBenchmarkRead/certops_a-8 5 100 " +
		"ns/op 20 B/op 1 allocs/op\nBenchmarkOther 1 2.5 ns/op 0 B/op 0 allocs/op\nok\n")
	want := []goFigure{{"Read/certops_a", 100, 20, 1}, {"Other", 2.5, 0, 0}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(goFigure{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReplaceFigures(t *testing.T) {
	const before, after = "# Title\n\n" + figuresBegin, figuresEnd + "\n## More\n"
	got, err := replaceFigures(before+"old\n"+after, "new")
	if want := before + "\nnew\n" + after; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	for _, content := range []string{"", figuresBegin, figuresEnd, figuresEnd + figuresBegin} {
		if _, err := replaceFigures(content, "new"); err == nil {
			t.Errorf("no error for %q", content)
		}
	}
}

func TestConfiguration(t *testing.T) {
	for name, test := range map[string]struct {
		scenario scenario
		want     string
	}{
		"one instance an object": {
			scenario{certops, singular, 2, 10, 0},
			`{"data":{"certops_process_info":{"all":{"for_each":"${local.ids}","process_id":"${each.value}"}}},` +
				`"locals":{"ids":{"1000001":1000001,"1000002":1000002}},` +
				`"terraform":{"required_providers":{"certops":{"source":"certops/certops"}}}}`,
		},
		"all at once": {
			scenario{certops, plural, 2, 10, 0},
			`{"data":{"certops_processes":{"all":{"include_info":true}}},` +
				`"terraform":{"required_providers":{"certops":{"source":"certops/certops"}}}}`,
		},
		"retained records": {
			retaining(1),
			`{"locals":{"records":{"n0.example.com":{"domains":["n0.example.com"],"expires_at":null,"fqdn":"_dnsauth.n0.example.com",` +
				`"fqdn_dot":"_dnsauth.n0.example.com.","rdata":"token0.dcv.digicert.com.","relative_name":null,"status":"pending","type":"CNAME",` +
				`"value":"token0.dcv.digicert.com","value_dot":"token0.dcv.digicert.com.","value_quoted":"token0.dcv.digicert.com","zone":null}}},` +
				`"resource":{"certops_dcv_records":{"all":{"domains":["n0.example.com"],"sources":["${local.records}"],"zones":["example.com"]}}},` +
				`"terraform":{"required_providers":{"certops":{"source":"certops/certops"}}}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := test.scenario.configuration("http://127.0.0.1")
			if err != nil {
				t.Fatal(err)
			}
			if !json.Valid(got) || string(got) != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

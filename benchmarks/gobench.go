// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// goBenchmarks runs the Go benchmarks of the provider package and returns what they print.
func goBenchmarks(ctx context.Context, root string, repeats int) (string, error) {
	command := exec.CommandContext(ctx, "go", "test", "-run=^$", "-bench=.", "-benchmem", "-benchtime=300ms",
		"-count="+strconv.Itoa(repeats), "./internal/provider")
	command.Dir = root
	command.Env = environment()
	printed, err := command.CombinedOutput()
	if err == nil && strings.Contains(string(printed), "--- FAIL") {
		err = errors.New("one of them failed") // which go test does not always take for a failure
	}
	if err != nil {
		return "", fmt.Errorf("run the Go benchmarks: %w\n%s", err, printed)
	}
	var kept strings.Builder
	for line := range strings.Lines(string(printed)) {
		if benchmarkLine.MatchString(line) || strings.HasPrefix(line, "pkg: ") || strings.HasPrefix(line, "cpu: ") ||
			strings.HasPrefix(line, "goos: ") || strings.HasPrefix(line, "goarch: ") {
			kept.WriteString(line)
		}
	}
	return kept.String(), nil
}

// goFigure are the medians of one Go benchmark.
type goFigure struct {
	name                string
	ns, bytes, allocate float64
}

// benchmarkLine matches a line of a Go benchmark with -benchmem.
var benchmarkLine = regexp.MustCompile(`^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+([0-9.]+) ns/op\s+([0-9.]+) B/op\s+([0-9.]+) allocs/op`)

// goFigures reads what the Go benchmarks printed, in its order.
func goFigures(printed string) []goFigure {
	var names []string
	values := make(map[string][3][]float64)
	lines := bufio.NewScanner(strings.NewReader(printed))
	for lines.Scan() {
		found := benchmarkLine.FindStringSubmatch(lines.Text())
		if found == nil {
			continue
		}
		name := found[1]
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		measured := values[name]
		for i, text := range found[2:] {
			if value, err := strconv.ParseFloat(text, 64); err == nil {
				measured[i] = append(measured[i], value)
			}
		}
		values[name] = measured
	}
	var all []goFigure
	for _, name := range names {
		v := values[name]
		all = append(all, goFigure{name: name, ns: median(v[0]), bytes: median(v[1]), allocate: median(v[2])})
	}
	return all
}

// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// machine is what the figures depend on.
type machine struct {
	processor string
	cores     int
	memory    string
	terraform string
}

var (
	modelName = regexp.MustCompile(`(?m)^model name\s*: (.+)$`)
	memTotal  = regexp.MustCompile(`(?m)^MemTotal:\s*(\d+) kB$`)
	loadOne   = regexp.MustCompile(`^[0-9.]+`)
)

// thisMachine describes the machine as far as it tells.
func thisMachine(ctx context.Context, terraform string) (machine, error) {
	m := machine{processor: "unknown processor", cores: runtime.NumCPU(), memory: "unknown memory"}
	if found := modelName.FindStringSubmatch(system("/proc/cpuinfo")); found != nil {
		m.processor = found[1]
	}
	if found := memTotal.FindStringSubmatch(system("/proc/meminfo")); found != nil {
		if kib, err := strconv.ParseInt(found[1], 10, 64); err == nil {
			m.memory = fmt.Sprintf("%.0f GiB", float64(kib)/(1<<20))
		}
	}
	command := exec.CommandContext(ctx, terraform, "version")
	command.Env = environment()
	printed, err := command.Output()
	if err != nil {
		return m, fmt.Errorf("run %s: %w", terraform, err)
	}
	m.terraform, _, _ = strings.Cut(string(printed), "\n")
	return m, nil
}

// load is the load average of the last minute, 0 where the system does not tell.
func load() float64 {
	average, err := strconv.ParseFloat(loadOne.FindString(system("/proc/loadavg")), 64)
	if err != nil {
		return 0
	}
	return average
}

// system returns a file of the system, empty where there is none.
func system(path string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(content)
}

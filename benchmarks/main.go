// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Command benchmarks measures the provider under real Terraform against the simulator of the APIs, beside hashicorp/http
// doing the same GETs where that can be had, checks the targets, and draws how the cost grows. README.md beside it tells
// what is measured, how, and what came out.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// errMissed is the result of a run that measured everything and missed a target.
var errMissed = errors.New("a target is missed")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchmarks:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	work     string
	out      string
	repeats  int
	quick    bool
	update   bool
	goBench  bool
	goRepeat int
}

// sizes are how many objects there are in each part of a run.
type sizes struct {
	matrix   []int // instances of a data source of one object
	largest  int   // of matrix: what the targets are about
	growth   []int // objects of the plots
	singular int   // most instances that the plots show of data sources of one object
	orders   int   // DigiCert orders that are read at the rate limit
	retained []int // names of one certops_dcv_records
}

func (o options) sizes() sizes {
	if o.quick {
		return sizes{matrix: []int{1, 50}, largest: 50, growth: []int{1, 10, 100}, singular: 100, orders: 60, retained: []int{5, 10}}
	}
	return sizes{matrix: []int{1, 100, 1000}, largest: 1000, growth: []int{1, 10, 100, 1000, 10_000}, singular: 1000, orders: 100,
		retained: []int{125, 250, 500, 1000}}
}

func run(ctx context.Context, arguments []string, w io.Writer) error {
	var o options
	flags := flag.NewFlagSet("benchmarks", flag.ContinueOnError)
	flags.StringVar(&o.work, "work", "", "folder for binaries and configurations; a temporary one if empty")
	flags.StringVar(&o.out, "out", "", "folder for results.txt, figures.md and growth.svg; nothing is kept if empty")
	flags.IntVar(&o.repeats, "repeats", 5, "how often everything is measured")
	flags.BoolVar(&o.quick, "quick", false, "small sizes, to see that everything works; the targets are then not telling")
	flags.BoolVar(&o.update, "update", false, "write baseline.txt and growth.svg of benchmarks/, and the figures in its README.md and the "+
		"module's")
	flags.BoolVar(&o.goBench, "go", true, "run the Go benchmarks of the provider package too")
	flags.IntVar(&o.goRepeat, "go-repeats", 6, "how often each Go benchmark is run")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if flags.NArg() > 0 || o.repeats < 1 || o.goRepeat < 1 {
		return errors.New("there are no arguments but flags, and at least one repeat")
	}
	if o.work == "" {
		work, err := os.MkdirTemp("", "certops-bench.")
		if err != nil {
			return err
		}
		defer os.RemoveAll(work)
		o.work = work
	}
	root, err := moduleRoot(ctx)
	if err != nil {
		return err
	}

	say := func(format string, values ...any) { fmt.Fprintf(w, format+"\n", values...) }
	began := time.Now()
	r, err := measure(ctx, o, root, say)
	if err != nil {
		return err
	}
	if o.goBench {
		say("Go benchmarks: %d repeats", o.goRepeat)
		if r.goBench, err = goBenchmarks(ctx, root, o.goRepeat); err != nil {
			return err
		}
	}
	figures := r.figures()
	say("\n%s\nmeasured in %s", figures, time.Since(began).Round(time.Second))

	if o.out != "" {
		if err := r.save(o.out, "results.txt", figures); err != nil {
			return err
		}
	}
	if o.update {
		folder := filepath.Join(root, "benchmarks")
		if err := r.save(folder, "baseline.txt", ""); err != nil {
			return err
		}
		if err := updateREADME(filepath.Join(folder, "README.md"), figures); err != nil {
			return err
		}
		if err := updateREADME(filepath.Join(root, "README.md"), r.highlights()); err != nil {
			return err
		}
	}
	if r.missed() {
		return errMissed
	}
	return nil
}

// save writes the results for benchstat, the plot and, unless there are none, the figures into a folder.
func (r *results) save(folder, name, figures string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	files := map[string]string{name: r.benchstat(), "growth.svg": r.plot()}
	if figures != "" {
		files["figures.md"] = figures
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// moduleRoot returns the folder that holds go.mod.
func moduleRoot(ctx context.Context) (string, error) {
	path, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	return string(path[:len(path)-1]), nil
}

// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/certops/terraform-provider-certops/internal/sandbox"
)

// What a plan reads.
const (
	singular = "singular" // one data source instance an object
	plural   = "plural"   // all objects at once
	retained = "retained" // nothing: one certops_dcv_records has a name for each object
)

// firstID is the id of the first object that the simulator is populated with.
const firstID = 1_000_001

// scenario is one kind of plan.
type scenario struct {
	provider    string
	read        string
	objects     int
	parallelism int
	delay       time.Duration // of the server
}

// name is how benchstat knows the scenario.
func (s scenario) name() string {
	return fmt.Sprintf("Plan/provider=%s/read=%s/objects=%d/parallelism=%d/delay=%s", s.provider, s.read, s.objects, s.parallelism, s.delay)
}

// sample is one plan as it was measured.
type sample struct {
	wall        time.Duration // of the whole plan
	cpu         time.Duration // of the provider's processes together; Terraform starts several
	peak        int64         // bytes, of the largest of the provider's processes
	connections int           // as the simulator counts them
	requests    int
}

// configuration is the Terraform configuration of a scenario, in JSON.
func (s scenario) configuration(baseURL string) ([]byte, error) {
	ids := make(map[string]int, s.objects)
	for id := firstID; id < firstID+s.objects; id++ {
		ids[strconv.Itoa(id)] = id
	}
	type object map[string]any
	if s.read == retained {
		return s.retainedConfiguration()
	}
	source := map[string]string{certops: "certops/certops", hashicorpHTTP: "hashicorp/http"}[s.provider]
	var kind string
	var arguments object
	switch {
	case s.provider == hashicorpHTTP:
		kind, arguments = "http", object{
			"for_each": "${local.ids}",
			"url":      baseURL + "/v2/processes/${each.value}/info",
			"request_headers": object{
				"Accept":        "application/json",
				"Authorization": "ApiKey " + sandbox.APIKey,
			},
		}
	case s.read == singular:
		kind, arguments = "certops_process_info", object{"for_each": "${local.ids}", "process_id": "${each.value}"}
	default:
		kind, arguments = "certops_processes", object{"include_info": true}
		if s.objects == 1 {
			arguments["identifier"] = fmt.Sprintf("p%d.example.com", firstID)
		}
	}
	configuration := object{
		"terraform": object{"required_providers": object{s.provider: object{"source": source}}},
		"data":      object{kind: object{"all": arguments}},
	}
	if s.read == singular {
		// A map of a local value: for_each over a set made in place costs Terraform itself half a minute for 1000 instances.
		configuration["locals"] = object{"ids": ids}
	}
	return json.Marshal(configuration)
}

// retainedConfiguration has one certops_dcv_records, whose records stand in the configuration.
func (s scenario) retainedConfiguration() ([]byte, error) {
	type object map[string]any
	names := make([]string, s.objects)
	records := make(object, s.objects)
	for i := range names {
		names[i] = fmt.Sprintf("n%d.example.com", i)
		owner, target := "_dnsauth."+names[i], fmt.Sprintf("token%d.dcv.digicert.com", i)
		records[names[i]] = object{
			"type": "CNAME", "fqdn": owner, "fqdn_dot": owner + ".", "zone": nil, "relative_name": nil,
			"value": target, "value_dot": target + ".", "value_quoted": target, "rdata": target + ".",
			"domains": []string{names[i]}, "status": "pending", "expires_at": nil,
		}
	}
	return json.Marshal(object{
		"terraform": object{"required_providers": object{certops: object{"source": "certops/certops"}}},
		"locals":    object{"records": records},
		"resource": object{"certops_dcv_records": object{"all": object{
			"domains": names, "sources": []string{"${local.records}"}, "zones": []string{"example.com"},
		}}},
	})
}

// plan runs "terraform plan" once. What is retained is applied before, so that the plan has no changes.
func (w *workshop) plan(ctx context.Context, s scenario, api *sandbox.Sandbox) (sample, error) {
	var result sample
	folder, err := os.MkdirTemp(w.folder, "plan.")
	if err != nil {
		return result, err
	}
	defer os.RemoveAll(folder)
	records := filepath.Join(folder, "records")
	if err := os.Mkdir(records, 0o700); err != nil {
		return result, err
	}
	configuration, err := s.configuration(api.URL(sandbox.RealtimeRegister))
	if err != nil {
		return result, err
	}
	if err := os.WriteFile(filepath.Join(folder, "main.tf.json"), configuration, 0o600); err != nil {
		return result, err
	}
	if err := delayResponses(api, s.delay); err != nil {
		return result, err
	}
	api.ResetCounters()

	run := func(records string, arguments ...string) error {
		command := exec.CommandContext(ctx, w.terraform, append(arguments, "-input=false", "-lock=false", "-no-color", "-compact-warnings",
			"-parallelism="+strconv.Itoa(s.parallelism))...)
		command.Dir = folder
		command.Env = environment("TF_CLI_CONFIG_FILE="+w.cliConfig, "CERTOPS_BENCH_RECORDS="+records)
		for name, value := range api.Env() {
			command.Env = append(command.Env, name+"="+value)
		}
		// Interrupted, Terraform ends its providers; killed, it would leave them behind.
		command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
		command.WaitDelay = 20 * time.Second
		var printed bytes.Buffer
		command.Stdout, command.Stderr = &printed, &printed
		if err := command.Run(); err != nil {
			return fmt.Errorf("%s: %w\n%s", s.name(), err, &printed)
		}
		return nil
	}
	arguments := []string{"plan"}
	if s.read == retained {
		if err := run(folder, "apply", "-auto-approve"); err != nil {
			return result, err
		}
		arguments = append(arguments, "-detailed-exitcode")
	}
	began := time.Now()
	if err := run(records, arguments...); err != nil {
		return result, err
	}
	result.wall = time.Since(began)
	if s.read == retained {
		err = result.add(records)
		return result, err
	}
	result.connections = api.Connections(sandbox.RealtimeRegister)
	result.requests = len(api.Requests(sandbox.RealtimeRegister))
	if want := s.objects; result.requests < want || s.read == singular && result.requests != want {
		return result, fmt.Errorf("%s: %d requests for %d objects", s.name(), result.requests, want)
	}
	err = result.add(records)
	return result, err
}

// add takes over what the meters recorded.
func (s *sample) add(folder string) error {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return errors.New("the provider's process left no record")
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var record struct {
			CPU  int64 `json:"cpu_ns"`
			Peak int64 `json:"peak_bytes"`
		}
		if err := json.Unmarshal(content, &record); err != nil {
			return err
		}
		s.cpu += time.Duration(record.CPU)
		s.peak = max(s.peak, record.Peak)
	}
	return nil
}

// delayResponses makes the Realtime Register API wait before it responds.
func delayResponses(api *sandbox.Sandbox, delay time.Duration) error {
	if err := api.ClearFaults(); err != nil || delay == 0 {
		return err
	}
	return api.Inject(sandbox.Fault{Service: sandbox.RealtimeRegister, Kind: sandbox.FaultSlowHeaders, Delay: delay})
}

// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Command terraform-provider-certops serves the certops provider to Terraform and OpenTofu.
package main

import (
	"flag"
	"log"
	"os"
	runtimedebug "runtime/debug"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/certops/terraform-provider-certops/internal/provider"
)

// version is set by the release build.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger such as delve, and print how to attach Terraform")
	flag.Parse()
	if !*debug && !logsAreRead(os.Environ()) {
		silenceLogs()
	}

	var options []tf6server.ServeOpt
	if *debug {
		options = append(options, tf6server.WithManagedDebug())
	}
	if os.Getenv("GOGC") == "" {
		// The heap is small, so that by default the collector would run for every few reads.
		runtimedebug.SetGCPercent(400)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		// Large lists would otherwise leave five times their size before it is collected.
		runtimedebug.SetMemoryLimit(256 << 20)
	}
	err := tf6server.Serve("registry.terraform.io/certops/certops", provider.NewServer(version), options...)
	if err != nil {
		log.Fatal(err)
	}
}

// logsAreRead tells from the environment whether anybody sees what the provider logs. Terraform and OpenTofu throw it away
// unless a variable whose name begins with TF_LOG is set, and hand their environment on.
func logsAreRead(environment []string) bool {
	for _, variable := range environment {
		name, value, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "TF_LOG") && value != "" {
			return true
		}
	}
	return false
}

// silenceLogs switches off the loggers, the provider's own and those of the libraries. Without a level they write
// everything, which is a fifth of the CPU that reading a data source takes.
func silenceLogs() {
	for _, name := range []string{"TF_LOG_PROVIDER_CERTOPS", "TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK"} {
		if err := os.Setenv(name, "OFF"); err != nil {
			log.Fatal(err)
		}
	}
}

// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/certops/terraform-provider-certops/internal/base"
)

// processRole is the environment variable that makes the test binary something else than a run of the tests: what the
// process as a whole decides, such as its proxy, its trusted authorities and its memory, needs a process of its own.
const processRole = "CERTOPS_TEST_PROCESS"

// The values of processRole.
const (
	// roleProvider serves the provider to Terraform, which starts it under the name of a provider's binary.
	roleProvider = "provider"
	// roleReader reads what childRead on the standard input names, and writes a childResult to the standard output.
	roleReader = "reader"
)

func TestMain(m *testing.M) {
	var err error
	switch os.Getenv(processRole) {
	case roleProvider:
		err = providerserver.Serve(context.Background(), New("test"), providerserver.ServeOpts{Address: "registry.terraform.io/certops/certops"})
	case roleReader:
		err = serveChild(context.Background())
	default:
		os.Exit(runTests(m))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serveChild is the main function of a process in the role of a reader.
func serveChild(ctx context.Context) error {
	var read childRead
	if err := json.NewDecoder(os.Stdin).Decode(&read); err != nil {
		return fmt.Errorf("read the standard input: %w", err)
	}
	result, err := read.do(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

// vendorNamed is a vendor by its name in the provider configuration.
func vendorNamed(name string) base.Vendor {
	return vendors[slices.IndexFunc(vendors, func(v base.Vendor) bool { return v.Name() == name })]
}

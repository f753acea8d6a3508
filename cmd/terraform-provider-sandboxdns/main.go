// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Command terraform-provider-sandboxdns serves the sandboxdns provider, which publishes DNS records on the DNS server of
// certops-sandbox. It is never released.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/certops/terraform-provider-certops/internal/sandbox/dnsprovider"
)

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger such as delve, and print how to attach Terraform")
	flag.Parse()

	err := providerserver.Serve(context.Background(), dnsprovider.New("dev"), providerserver.ServeOpts{
		Address:         dnsprovider.Address,
		Debug:           *debug,
		ProtocolVersion: 6,
	})
	if err != nil {
		log.Fatal(err)
	}
}

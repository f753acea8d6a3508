// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"net"
	"strings"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/dnscheck"
)

// Environment variables for DNS that the public tree does not show: private trees and split horizons.
const (
	envDNSNameservers  = "CERTOPS_DNS_NAMESERVERS"
	envDNSRootServers  = "CERTOPS_DNS_ROOT_SERVERS"
	envDNSTrustAnchors = "CERTOPS_DNS_TRUST_ANCHORS"
)

// newChecker returns a checker that looks at DNS from the root servers down, unless the environment names others to start from or to ask.
func newChecker(d *base.Data) *dnscheck.Checker {
	checker := &dnscheck.Checker{
		Nameservers:  splitList(d.Getenv(envDNSNameservers)),
		Roots:        splitList(d.Getenv(envDNSRootServers)),
		TrustAnchors: d.Getenv(envDNSTrustAnchors),
	}
	if len(checker.Roots) > 0 {
		// A private tree listens on one port: that of its roots.
		if _, port, err := net.SplitHostPort(checker.Roots[0]); err == nil {
			checker.Port = port
		}
	}
	return checker
}

// splitList cuts a comma-separated list, without the blanks around its elements.
func splitList(text string) []string {
	var list []string
	for element := range strings.SplitSeq(text, ",") {
		if element = strings.TrimSpace(element); element != "" {
			list = append(list, element)
		}
	}
	return list
}

// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package base

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/dnscheck"
)

// Environment variables for DNS that the public tree does not show: private trees and split horizons.
const (
	EnvDNSNameservers  = "CERTOPS_DNS_NAMESERVERS"
	EnvDNSRootServers  = "CERTOPS_DNS_ROOT_SERVERS"
	EnvDNSTrustAnchors = "CERTOPS_DNS_TRUST_ANCHORS"
)

const defaultCheckTimeout = 30 * time.Second

// What documents the arguments of a look at DNS.
const (
	CheckedRecordsDescription = "The records to look for, as the attribute `dns_records` of a data source or of `certops_dcv_records` has " +
		"them. A TXT record counts at `_dnsauth.<domain>` and at the domain itself, and it counts when it contains the value, in its case, " +
		"since DigiCert accepts it so. At `_validation-persist.<domain>` the authority and the account count, and `persistUntil` must not " +
		"be over." + DNSRecordMembers
	CheckNameserversDescription = "Servers to ask instead, as `host:port`; the port is 53 when it is left out. They may be recursive. " +
		"The verdict of a validating resolver on signatures counts. " +
		"Environment: `" + EnvDNSNameservers + "` (separated by commas). " +
		"Default: the authoritative servers of each record's zone, found from the root servers of the Internet, or from those named in `" +
		EnvDNSRootServers + "`."
)

// CheckTimeoutDescription documents the argument timeout of a look at DNS.
func CheckTimeoutDescription() string {
	return fmt.Sprintf("How long all look-ups together may take, as a duration such as `1m`. "+
		"What is not known by then has the status `error`. "+
		"Default: `%s`.", defaultCheckTimeout)
}

// DNSCheckModel has the arguments of a look at DNS.
type DNSCheckModel struct {
	DNSRecords  map[string]DNSRecordModel `tfsdk:"dns_records"`
	Nameservers types.List                `tfsdk:"nameservers"`
	Timeout     types.String              `tfsdk:"timeout"`
}

// Look looks the records up in DNS. Where found is given, it gets each result as soon as there is one.
func (m DNSCheckModel) Look(
	ctx context.Context, data *Data, found func(string, dnscheck.Result),
) (map[string]dnscheck.Result, diag.Diagnostics) {
	var problems []string
	expectations := make(map[string]dnscheck.Expectation, len(m.DNSRecords))
	for key, given := range m.DNSRecords {
		record, err := given.Respell("")
		if err != nil {
			problems = append(problems, fmt.Sprintf("%s: %s", key, err))
			continue
		}
		expectation := dnscheck.Expectation{
			Type:    record.Type,
			FQDN:    record.FQDN,
			Value:   record.Value,
			Zone:    dcv.Value(record.Zone),
			Domains: record.Domains,
		}
		if record.Type == "TXT" {
			expectation.AlsoAt = dcv.OtherTXTOwners(record.FQDN)
		}
		expectations[key] = expectation
	}
	if problems != nil {
		slices.Sort(problems)
		return nil, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("dns_records"), "Unusable DNS Record",
			Unusable("dns_records", problems))}
	}
	checker := NewChecker(data)
	checker.Found = found
	if !m.Nameservers.IsNull() {
		checker.Nameservers = TextElements(m.Nameservers)
	}
	ctx, cancel := context.WithTimeout(ctx, DurationOr(m.Timeout, defaultCheckTimeout))
	defer cancel()
	return checker.Check(ctx, expectations), nil
}

// NewChecker returns a checker that looks at DNS from the root servers down, unless the environment names others to start from or to ask.
func NewChecker(d *Data) *dnscheck.Checker {
	checker := &dnscheck.Checker{
		Nameservers:  splitList(d.Getenv(EnvDNSNameservers)),
		Roots:        splitList(d.Getenv(EnvDNSRootServers)),
		TrustAnchors: d.Getenv(EnvDNSTrustAnchors),
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

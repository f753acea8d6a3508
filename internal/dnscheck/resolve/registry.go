// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package resolve

import (
	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// IsRegistry tells whether the zone at apex stands above the names that can be registered, on the way to name.
func IsRegistry(apex, name string) bool {
	domain := Registrable(name)
	return domain != "" && apex != domain && dns.IsSubDomain(apex, domain)
}

// Registrable returns the name that a registry delegates on the way to name: one label more than a public suffix that a
// registry runs (https://publicsuffix.org), unlike github.io, which its owner lets out. It is empty when name is such a
// suffix itself. It takes any name that a DNS message can hold, where dcv.RegistrableDomain takes host names only.
func Registrable(name string) string {
	if name == "." {
		return ""
	}
	if domain := dcv.BelowSuffix(TrimDot(name)); domain != "" {
		return domain + "."
	}
	return ""
}

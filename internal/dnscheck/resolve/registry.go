// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package resolve

import (
	"strings"

	"github.com/miekg/dns"
	"golang.org/x/net/publicsuffix"
)

// IsRegistry tells whether the zone at apex stands above the names that can be registered, on the way to name.
func IsRegistry(apex, name string) bool {
	domain := Registrable(name)
	return domain != "" && apex != domain && dns.IsSubDomain(apex, domain)
}

// Registrable returns the name that a registry delegates on the way to name. It has one label more than a public suffix
// that a registry runs (https://publicsuffix.org). It is empty when name is such a suffix itself. It takes any
// name that a DNS message can hold, where dcv.RegistrableDomain takes host names only.
func Registrable(name string) string {
	host := TrimDot(name)
	suffix, managed := publicsuffix.PublicSuffix(host)
	// The list also has suffixes that their owners let out, such as github.io: zones like any other.
	for !managed && strings.Contains(suffix, ".") {
		_, parent, _ := strings.Cut(suffix, ".")
		suffix, managed = publicsuffix.PublicSuffix(parent)
	}
	if host == suffix || host == "." {
		return ""
	}
	above := strings.TrimSuffix(host, "."+suffix)
	return above[strings.LastIndex(above, ".")+1:] + "." + suffix + "."
}

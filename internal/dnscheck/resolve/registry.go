// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package resolve

import (
	"strings"

	"github.com/miekg/dns"
	"golang.org/x/net/publicsuffix"
)

// IsRegistry tells whether a zone stands above the names that can be registered, on the way to name.
func IsRegistry(apex, name string) bool {
	domain := Registrable(name)
	return domain != "" && apex != domain && dns.IsSubDomain(apex, domain)
}

// Registrable is the name that is delegated by a registry on the way to name: one label more than a public suffix
// that a registry runs. It is empty when name is such a suffix itself.
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

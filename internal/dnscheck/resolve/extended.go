// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package resolve

import (
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

const (
	// maxExtended bounds the extended errors of one response that count, and maxExtra the text of each.
	maxExtended = 4
	maxExtra    = 200
)

// extended is what a response says about itself in Extended DNS Errors (RFC 8914).
type extended struct {
	text string // in words, empty for none
	// dnssec tells that one of them is about validation, and other that one is not.
	dnssec, other bool
}

// dnssecErrors are the codes of the IANA registry with which a resolver explains why it refuses an answer after validation:
// https://www.iana.org/assignments/dns-parameters/dns-parameters.xhtml#extended-dns-error-codes.
var dnssecErrors = []uint16{
	dns.ExtendedErrorCodeUnsupportedDNSKEYAlgorithm, dns.ExtendedErrorCodeUnsupportedDSDigestType,
	dns.ExtendedErrorCodeDNSSECIndeterminate, dns.ExtendedErrorCodeDNSBogus, dns.ExtendedErrorCodeSignatureExpired,
	dns.ExtendedErrorCodeSignatureNotYetValid, dns.ExtendedErrorCodeDNSKEYMissing, dns.ExtendedErrorCodeRRSIGsMissing,
	dns.ExtendedErrorCodeNoZoneKeyBitSet, dns.ExtendedErrorCodeNSECMissing,
	dns.ExtendedErrorCodeSignatureExpiredBeforeValid, dns.ExtendedErrorCodeUnsupportedNSEC3IterValue,
}

// neutralErrors are codes that say nothing about the cause.
var neutralErrors = []uint16{dns.ExtendedErrorCodeOther, dns.ExtendedErrorCodeCachedError}

func extendedErrors(m *dns.Msg) extended {
	var e extended
	opt := m.IsEdns0()
	if opt == nil {
		return e
	}
	var texts []string
	for _, option := range opt.Option {
		ede, ok := option.(*dns.EDNS0_EDE)
		if !ok || len(texts) == maxExtended {
			continue
		}
		text, known := dns.ExtendedErrorCodeToString[ede.InfoCode]
		if !known {
			text = fmt.Sprintf("extended error %d", ede.InfoCode)
		}
		// Some servers end the text with a NUL byte, as the RFC allows.
		if extra := strings.TrimRight(ede.ExtraText, "\x00"); extra != "" {
			text += ": " + Printable(extra, maxExtra)
		}
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
		switch {
		case slices.Contains(dnssecErrors, ede.InfoCode):
			e.dnssec = true
		case !slices.Contains(neutralErrors, ede.InfoCode):
			e.other = true
		}
	}
	e.text = strings.Join(texts, ", ")
	return e
}

// answered says with which code a server answered, and how it explains that.
func answered(m *dns.Msg) string {
	code, known := dns.RcodeToString[m.Rcode]
	if !known {
		code = fmt.Sprintf("RCODE %d", m.Rcode)
	}
	if e := extendedErrors(m); e.text != "" {
		return fmt.Sprintf("answered %s (%s)", code, e.text)
	}
	return "answered " + code
}

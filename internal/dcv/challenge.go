// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"slices"
	"strings"
)

// Channel is the way on which a domain is validated, in words that are the same for every vendor.
type Channel string

const (
	// ChannelDNS means that the CA looks for a DNS record.
	ChannelDNS Channel = "dns"
	// ChannelHTTP means that the CA looks for a file on a web server.
	ChannelHTTP Channel = "http"
	// ChannelEmail means that the CA sends an e-mail.
	ChannelEmail Channel = "email"
	// ChannelUnknown means that the vendor told nothing, or a word that has no known meaning.
	ChannelUnknown Channel = "unknown"
)

// needsRecord tells whether a name on this channel may need a DNS record.
func (c Channel) needsRecord() bool { return c != ChannelHTTP && c != ChannelEmail }

// Challenge is one domain validation as a vendor reports it, in words that are the same for every vendor.
type Challenge struct {
	// Domain is the domain that the CA validates, as the vendor writes it: it may start with "*.", end in a dot, or
	// hold upper-case letters and U-labels. Empty means the first of Names, and without those the owner name of the
	// record less its validation label.
	Domain string
	// Names are the names on the certificate that this validates, exactly as ordered. Empty means Domain.
	Names []string
	// Status is where the validation stands. A word that is not one of the constants counts as [StatusUnknown].
	Status Status
	// Method is the vendor's own word for how the domain is validated; nil when the vendor does not tell.
	Method *string
	// Channel is what Method means; empty means [ChannelUnknown].
	Channel Channel
	// Reason says what the vendor or the provider finds wrong; "" when nothing is.
	Reason string
	// ValidatedUntil is when the validation ends, as the vendor writes it; nil when the vendor does not tell.
	ValidatedUntil *string
	// Publish is the record the CA looks for; nil when there is nothing to publish.
	Publish *Publication
	// Order is what messages call the order that this belongs to; "" when there is only one.
	Order string
}

// domain returns the domain being validated, worked out when the vendor leaves it out. It is "" when nobody can tell.
func (c Challenge) domain() string {
	switch {
	case c.Domain != "":
		return c.Domain
	case len(c.Names) > 0:
		return c.Names[0]
	case c.Publish != nil && strings.Contains(c.Publish.Name, "."):
		return ValidatedDomain(CanonicalDomain(c.Publish.Name))
	default:
		return ""
	}
}

// names returns the names that the challenge validates, without empty ones.
func (c Challenge) names() []string {
	names := c.Names
	if len(names) == 0 {
		names = []string{c.domain()}
	}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "" })
}

// nameStatus is where the challenge's names stand.
func (c Challenge) nameStatus(recordKey *string) NameStatus {
	status := NameStatus{
		Status:         c.Status.Normalized(),
		Method:         c.Method,
		Channel:        c.Channel,
		ValidatedUntil: c.ValidatedUntil,
		RecordKey:      recordKey,
	}
	if status.Channel == "" {
		status.Channel = ChannelUnknown
	}
	if c.Reason != "" {
		status.Reason = &c.Reason
	}
	return status
}

// NameStatus tells where the validation of one name on a certificate stands.
type NameStatus struct {
	Status         Status
	Method         *string // the vendor's own word, nil when the vendor does not tell
	Channel        Channel
	ValidatedUntil *string // as the vendor writes it, nil when the vendor does not tell
	RecordKey      *string // the key in Summary.Records of the record that validates the name, nil when there is none
	Reason         *string // what the vendor or the provider finds wrong, nil when nothing is
}

// NeedsRecord tells whether a DNS record may be what the name still waits for.
func (s NameStatus) NeedsRecord() bool {
	return s.Status != StatusValidated && s.Channel.needsRecord()
}

// LeastAdvancedName returns the less advanced of two statuses of one name, the first when they are equal. What the other
// one knows counts where this one lacks it, and a channel that may need a DNS record goes before one that does not.
func LeastAdvancedName(a, b NameStatus) NameStatus {
	if b.Status.rank() < a.Status.rank() {
		a, b = b, a
	}
	if a.RecordKey == nil {
		a.RecordKey = b.RecordKey
	}
	if a.Reason == nil {
		a.Reason = b.Reason
	}
	if !a.NeedsRecord() && b.NeedsRecord() {
		a.Channel, a.Method = b.Channel, b.Method
	}
	return a
}

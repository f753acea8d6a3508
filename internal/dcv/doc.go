// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

// Package dcv holds what domain control validation has in common at every vendor: the DNS record a certificate
// authority (CA) looks for, in the spellings that DNS providers want, and where each name of a certificate stands.
//
// A vendor's response becomes a list of [Challenge]; [Summarize] turns that into the maps a user sees. Everything here
// is pure: no network, no clock, no Terraform types, and the same input always gives the same output.
//
// Names follow one convention. A canonical domain is lower-case, in ASCII (IDNA A-labels, RFC 5890), and has neither a
// leading "*." nor a trailing dot. The TXT value is the one thing that is never rewritten: CAs compare it byte for
// byte.
package dcv

// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package core

// Quirk is a behavior of a vendor that is only probable: neither a document nor a recorded response shows it, or two of them
// contradict each other. The simulator shows it on request.
type Quirk struct{ Name, Help string }

// Quirks are the names of the quirks in force.
type Quirks map[string]bool

// QuirkMixedCase gives DigiCert's CNAME tokens capital letters, at each vendor that resells DigiCert.
const QuirkMixedCase = "digicert-mixed-case-tokens"

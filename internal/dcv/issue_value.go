// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// IssueValue is a value in the syntax of the CAA property issue (RFC 8659, section 4.2). CAA records have it, and persistent
// validation records.
type IssueValue struct {
	// Issuer is the authority, in lower case. It is empty where the value names nobody.
	Issuer string
	// Parameters are in their order, with tags in lower case.
	Parameters []IssueParameter
}

// IssueParameter is one parameter of an IssueValue.
type IssueParameter struct{ Tag, Value string }

// The grammar of RFC 8659, section 4.2, for an issuer domain name, the tag of a parameter and its value.
var (
	issuerDomain = regexp.MustCompile(`^[A-Za-z0-9]+(-+[A-Za-z0-9]+)*(\.[A-Za-z0-9]+(-+[A-Za-z0-9]+)*)*$`)
	issueTag     = regexp.MustCompile(`^[A-Za-z0-9]+(-+[A-Za-z0-9]+)*$`)
	issueText    = regexp.MustCompile(`^[\x21-\x3a\x3c-\x7e]*$`)
)

// ParseIssueValue reads a value. Its error is a predicate whose subject is the value, and says where it breaks the grammar.
func ParseIssueValue(value string) (IssueValue, error) {
	const blanks = " \t"
	head, rest, more := strings.Cut(value, ";")
	issuer := strings.Trim(head, blanks)
	if issuer != "" && !issuerDomain.MatchString(issuer) {
		return IssueValue{}, fmt.Errorf("names %q, which is not the domain name of an authority", issuer)
	}
	v := IssueValue{Issuer: strings.ToLower(issuer)}
	if !more || strings.Trim(rest, blanks) == "" {
		return v, nil
	}
	for parameter := range strings.SplitSeq(rest, ";") {
		tag, text, assigned := strings.Cut(parameter, "=")
		tag, text = strings.Trim(tag, blanks), strings.Trim(text, blanks)
		switch {
		case strings.Trim(parameter, blanks) == "":
			return IssueValue{}, errors.New("has a semicolon without a parameter after it")
		case !assigned:
			return IssueValue{}, fmt.Errorf("has the parameter %q, which is not written tag=value", tag)
		case !issueTag.MatchString(tag):
			return IssueValue{}, fmt.Errorf("has a parameter with the tag %q, which is not of letters, digits and hyphens", tag)
		case !issueText.MatchString(text):
			return IssueValue{}, fmt.Errorf("has white space or a character that is not ASCII in the parameter %q", tag)
		}
		v.Parameters = append(v.Parameters, IssueParameter{Tag: strings.ToLower(tag), Value: text})
	}
	return v, nil
}

// AccountURI tells whether the text of a parameter accounturi is a URI (RFC 8657, section 3).
func AccountURI(text string) bool { return accountURI.MatchString(text) }

var accountURI = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:[^:]`)

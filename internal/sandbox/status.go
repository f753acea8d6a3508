// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"text/tabwriter"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// trailing is the padding of a cell that nothing follows.
var trailing = regexp.MustCompile(` +\n`)

// StatusTable shows where each order stands: a line for each domain that the CA validates, the order's own columns on the first.
func (s *Sandbox) StatusTable() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SERVICE\tORDER\tSTATUS\tNAMES\tVALIDATION\tWAITS FOR")
	for _, v := range s.vendors {
		for _, order := range s.States(v.service()) {
			own := fmt.Sprintf("%s\t%s %s\t%s", order.Service, order.Kind, order.ID, cmp.Or(order.Status, "(sample)"))
			for _, c := range order.Challenges {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", own, someNames(c.Names), c.Status, waitsFor(order, c))
				own = "\t\t"
			}
		}
	}
	_ = w.Flush() // A strings.Builder does not fail.
	return trailing.ReplaceAllString(b.String(), "\n")
}

// someNames lists names, the first four of many.
func someNames(names []string) string {
	const most = 4
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// waitsFor says what has to happen before the CA validates a domain.
func waitsFor(order core.State, c core.Challenge) string {
	switch {
	case order.Sample:
		return "nothing: a sample never changes"
	case order.Stage == core.StageCanceled:
		return "nothing: the order is canceled"
	case c.Status == core.StatusFailed:
		return "new tokens: the CA rejected it"
	case c.Status == core.StatusValidated:
		return ""
	case order.Stage == core.StageUnplaced:
		return "its placement at the CA"
	case c.Type == "":
		return "its validation by the method " + c.Method
	}
	return c.Type + " at " + c.Name
}

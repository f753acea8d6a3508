// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package waiter

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// View is an order with its summary, which is made once a read.
type View struct {
	dcv.Order
	summary dcv.Summary
	err     error // why the records cannot be told
}

// NewView returns an order with its summary.
func NewView(order dcv.Order) View {
	summary, err := dcv.Summarize(order.Challenges, dcv.Options{})
	return View{Order: order, summary: summary, err: err}
}

// Err says why the records of the order cannot be told, nil where they can.
func (v View) Err() error { return v.err }

// Statuses are the statuses of the order's names. Those that an issued order no longer lists are validated.
func (v View) Statuses() map[string]dcv.NameStatus {
	statuses := make(map[string]dcv.NameStatus)
	for _, name := range v.Names {
		statuses[name] = dcv.NameStatus{Status: dcv.StatusValidated, Channel: dcv.ChannelUnknown}
	}
	maps.Copy(statuses, v.summary.Names)
	return statuses
}

// Progress counts the validated names and lists the others.
func (v View) Progress() string {
	names := v.summary.Names
	if len(names) == 0 {
		return "no name has a validation yet"
	}
	nameless := v.Nameless()
	var open []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if status := names[name].Status; status != dcv.StatusValidated {
			open = append(open, fmt.Sprintf("%s: %s", dcv.Printable(name), status))
		}
	}
	text := fmt.Sprintf("%d of %d names validated", len(names)-len(open), len(names))
	if nameless > 0 {
		text += fmt.Sprintf(", and %d open validations of names that the response does not tell", nameless)
	}
	if v.Unknown != "" {
		text += fmt.Sprintf(", order status %q is not known to the provider", dcv.Printable(v.Unknown))
	}
	if len(open) > 0 {
		text += " (" + dcv.Shortened(strings.Join(open, ", ")) + ")"
	}
	return text
}

// openValidation is what names have in common that one record validates and that stand alike.
type openValidation struct {
	dcv.NameStatus
	names []string
}

// open returns the names that are not validated, by what they wait for, in the order of their first names.
func (v View) open() []openValidation {
	names := v.summary.Names
	type sameness struct {
		status                    dcv.Status
		method, recordKey, reason string
	}
	var open []openValidation
	index := make(map[sameness]int)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		status := names[name]
		if status.Status == dcv.StatusValidated {
			continue
		}
		alike := sameness{status.Status, dcv.Value(status.Method), dcv.Value(status.RecordKey), dcv.Value(status.Reason)}
		at, ok := index[alike]
		if !ok {
			at = len(open)
			index[alike] = at
			open = append(open, openValidation{NameStatus: status})
		}
		open[at].names = append(open[at].names, name)
	}
	return open
}

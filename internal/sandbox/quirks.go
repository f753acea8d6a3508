// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"fmt"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// Quirks lists what vendors may do, in a fixed order: behaviors that are only probable.
func Quirks(further ...func(core.Base) core.Vendor) (all []core.Quirk) {
	for _, v := range newVendors(core.Base{}, further...) {
		all = append(all, v.Quirks...)
	}
	return all
}

// quirksOf puts quirks in force by their names.
func quirksOf(names []string, further ...func(core.Base) core.Vendor) (core.Quirks, error) {
	known := map[string]bool{}
	for _, q := range Quirks(further...) {
		known[q.Name] = true
	}
	quirks := core.Quirks{}
	for _, name := range names {
		if !known[name] {
			return nil, fmt.Errorf("sandbox: there is no quirk %q", name)
		}
		quirks[name] = true
	}
	return quirks, nil
}

// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/provider/cps"
	"github.com/certops/terraform-provider-certops/internal/provider/digicert"
	"github.com/certops/terraform-provider-certops/internal/provider/realtimeregister"
)

// vendors lists the vendors. A new vendor is one line here.
var vendors = []base.Vendor{
	realtimeregister.Vendor{},
	cps.Vendor{},
	digicert.Vendor{},
}

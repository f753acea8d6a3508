// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"net/http"
	"slices"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
	"github.com/certops/terraform-provider-certops/internal/sandbox/cps"
	"github.com/certops/terraform-provider-certops/internal/sandbox/digicert"
	"github.com/certops/terraform-provider-certops/internal/sandbox/realtimeregister"
)

// constructors make the vendors. A vendor is added by a line here, and nowhere else in this package.
var constructors = []func(core.Base) core.Vendor{
	realtimeregister.New,
	cps.New,
	digicert.New,
}

// vendor is a vendor with its profile.
type vendor struct {
	core.Vendor
	core.Profile
}

// service is the service that the orders are of.
func (v vendor) service() Service { return v.Listeners[0].Service }

// newVendors makes all vendors, and further ones.
func newVendors(base core.Base, further ...func(core.Base) core.Vendor) []vendor {
	var all []vendor
	for _, construct := range slices.Concat(constructors, further) {
		v := construct(base)
		all = append(all, vendor{v, v.Profile()})
	}
	return all
}

// api is a service that listens.
type api struct {
	core.Listener
	listener *listener
	url      string
}

// listenersOf returns the listeners of the vendors and the one that stands for other hosts, in a fixed order.
func listenersOf(vendors []vendor) (all []core.Listener) {
	for _, v := range vendors {
		all = append(all, v.Listeners...)
	}
	return append(all, core.Listener{
		Service: Elsewhere, Handler: http.NotFoundHandler(), Error: func(status int) core.Reply { return core.Reply{Status: status} },
	})
}

// services lists all services.
func (s *Sandbox) services() (all []Service) {
	for _, l := range listenersOf(s.vendors) {
		all = append(all, l.Service)
	}
	return all
}

// VendorOf returns a simulated vendor by its type, such as *cps.API, for what only this one can do.
func VendorOf[T core.Vendor](s *Sandbox) (found T) {
	for _, v := range s.vendors {
		if v, ok := v.Vendor.(T); ok {
			found = v
		}
	}
	return found
}

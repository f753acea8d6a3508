// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package resolve

import (
	"net/netip"
	"testing"
)

func TestRootServers(t *testing.T) {
	servers := rootServers()
	if len(servers) != 26 {
		t.Fatalf("%d addresses, want 26", len(servers))
	}
	seen := make(map[netip.AddrPort]bool)
	for i, s := range servers {
		address, err := netip.ParseAddrPort(s.addr)
		if err != nil || address.Port() != 53 || address.Addr().Is4() != (i < 13) || seen[address] {
			t.Errorf("%s: %s: %v", s.name, s.addr, err)
		}
		seen[address] = true
	}
}

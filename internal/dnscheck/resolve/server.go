// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package resolve

import (
	"cmp"
	"net"
	"slices"
	"strings"
)

// server is one address of a DNS server.
type server struct {
	name string // canonical name, empty for a server known by its address only
	addr string // host:port
}

// label is how messages call the server.
func (s server) label() string {
	if s.name == "" {
		return s.addr
	}
	address := s.addr
	if host, port, err := net.SplitHostPort(s.addr); err == nil && port == DefaultPort {
		address = host
	}
	return TrimDot(s.name) + " (" + address + ")"
}

// hostPort is how a Result lists the server.
func (s server) hostPort() string {
	if s.name == "" {
		return s.addr
	}
	_, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		return TrimDot(s.name)
	}
	return net.JoinHostPort(TrimDot(s.name), port)
}

func sortServers(servers []server) []server {
	slices.SortFunc(servers, func(a, b server) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.addr, b.addr))
	})
	return slices.Compact(servers)
}

// serversAt makes servers of addresses, each host:port.
func serversAt(addresses []string) []server {
	servers := make([]server, 0, len(addresses))
	for _, address := range addresses {
		servers = append(servers, server{addr: address})
	}
	return servers
}

// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// ports hands out the addresses of the listeners.
type ports struct {
	host string
	port int // the next one, 0 for any free ones
}

// parseListen reads Options.Listen.
func parseListen(listen string) (*ports, net.IP, error) {
	host, text, err := net.SplitHostPort(listen)
	if err != nil {
		host, text = strings.Trim(listen, "[]"), "0"
	}
	if host == "" {
		host = "127.0.0.1"
	}
	ip := net.ParseIP(host)
	if ip == nil {
		return nil, nil, fmt.Errorf("sandbox: listen address %q is not an IP address, with or without a port", listen)
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return nil, nil, fmt.Errorf("sandbox: listen address %q: the port is not a number from 0 to 65535", listen)
	}
	return &ports{host, int(port)}, ip, nil
}

// next returns the address of the next listener.
func (p *ports) next() string {
	address := net.JoinHostPort(p.host, strconv.Itoa(p.port))
	if p.port != 0 {
		p.port++
	}
	return address
}

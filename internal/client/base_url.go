// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// ParseBaseURL reads the root of an API: an absolute https URL, or http for a loopback address. It may
// carry a path, as behind a proxy; a trailing slash is dropped. Errors quote no part of the URL that
// could hold a password.
func ParseBaseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		// The parser's error quotes its input.
		return nil, errors.New("is not a URL")
	}
	switch {
	case u.User != nil:
		return nil, errors.New("must not hold a user name or password")
	case u.Scheme != "https" && u.Scheme != "http" && !strings.ContainsAny(raw, "@?#"):
		return nil, fmt.Errorf("must begin with https://, got %q", raw)
	case u.Scheme != "https" && u.Scheme != "http":
		// It can hold a password or a key.
		return nil, errors.New("must begin with https://")
	case u.Host == "" || u.Hostname() == "":
		return nil, errors.New("has no host")
	case u.RawQuery != "" || u.ForceQuery:
		return nil, errors.New("must not hold a query (?)")
	case u.Fragment != "" || strings.Contains(raw, "#"):
		return nil, errors.New("must not hold a fragment (#)")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, fmt.Errorf("must begin with https://: http is accepted for loopback addresses only, and %s is none", u.Hostname())
	}
	u.Host = strings.ToLower(u.Host)
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = strings.TrimRight(u.RawPath, "/")
	return u, nil
}

// loopback reports whether a host can only be this machine.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}

// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package realtimeregister

import (
	"crypto/md5" // A Sectigo record name holds an MD5 value.
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// Process is a process of the type "certificate" to add.
type Process struct {
	// ID is the process id; empty has one assigned.
	ID core.ID `json:"id"`
	// Names are the names to validate, as ordered; the first is the common name.
	Names []string `json:"names"`
	// Method is "DNS" (default), "EMAIL" or "FILE".
	Method string `json:"method"`
	// DNSType is "CNAME" (default) or "TXT".
	DNSType string `json:"dns_type"`
	// CA is the form of the records: "sectigo" (default) or "digicert".
	CA string `json:"ca"`
	// OmitDNSType leaves dnsType out, as before March 2024, and TrailingDots ends names with a dot: the API does both.
	OmitDNSType  bool `json:"omit_dns_type"`
	TrailingDots bool `json:"trailing_dots"`
	// Validated are the names that are validated before the order is placed, as domains of a company account are.
	Validated []string `json:"validated"`
	// Unplaced keeps the order in StageUnplaced until Place, or until the read after PlaceAfterReads reads of it if that is
	// not 0.
	Unplaced        bool `json:"unplaced"`
	PlaceAfterReads int  `json:"place_after_reads"`
}

// Plan implements core.Spec.
func (p Process) Plan() (core.Plan, error) {
	var errs [4]error
	p.Method, errs[0] = core.OneOf("method", p.Method, "DNS", "EMAIL", "FILE")
	p.DNSType, errs[1] = core.OneOf("DNS type", p.DNSType, "CNAME", "TXT")
	p.CA, errs[2] = core.OneOf("CA", p.CA, "sectigo", "digicert")
	errs[3] = core.CheckNumber(p.ID)
	return core.Plan{
		Service: Service, Kind: "process", Status: word, ID: p.ID, Names: p.Names, Validated: p.Validated,
		Unplaced: p.Unplaced, PlaceAfterReads: p.PlaceAfterReads,
		Unlisted: core.ReturnsErrors(p.ID), RenewedAsNew: true, Spec: p, Checks: p.checks,
	}, errors.Join(errs[:]...)
}

// checks makes one entry a name; a wildcard and its parent get equal records, as they have the same domain.
func (p Process) checks(id core.ID, quirks core.Quirks) (all []*core.Check) {
	for _, name := range p.Names {
		all = append(all, &core.Check{
			Challenge: core.Challenge{Domain: name, Names: []string{name}, Method: p.Method, Status: core.StatusPending},
			Seed:      fmt.Sprintf("%s %s", id, core.Canonical(name)),
			Assign:    func(c *core.Check, seed string) bool { return p.assign(c, seed, quirks) },
		})
	}
	return all
}

// assign sets the record of a name.
func (p Process) assign(c *core.Check, seed string, quirks core.Quirks) (expires bool) {
	name := core.Canonical(c.Domain)
	switch {
	case p.Method == "FILE":
		c.Token = core.Token(seed)
	case p.Method == "EMAIL":
		return false
	case p.CA == "sectigo":
		// The hashes stand for those of a CSR and stay, the unique value changes.
		csr := []byte("sandbox CSR " + strings.Fields(c.Seed)[0])
		m, h, unique := md5.Sum(csr), sha256.Sum256(csr), sha256.Sum256([]byte(seed))
		hash := hex.EncodeToString(h[:])
		c.Token = hex.EncodeToString(unique[:10])
		c.Type, c.Name = p.DNSType, "_"+hex.EncodeToString(m[:])+"."+name
		c.Value = hash[:32] + "." + hash[32:] + "." + c.Token + ".sectigo.com"
		return false
	default:
		c.Token = core.Token(seed)
		c.Type, c.Name, c.Value = p.DNSType, "_dnsauth."+name, c.Token
		if c.Type == "CNAME" {
			c.Token = core.CNAMEToken(seed, quirks)
			c.Value = c.Token + ".dcv.digicert.com"
		}
	}
	return true
}

// view is the view of a process.
func view(o *core.Order) core.Object {
	p := core.Object{}
	for _, name := range fields {
		if v := field(o, name); v != nil {
			p[name] = v
		}
	}
	return p
}

// fields are the fields of a process.
var fields = []string{
	"id", "user", "customer", "type", "action", "identifier", "status", "statusDetail", "resumeTypes",
	"createdDate", "startedDate", "updatedDate", "command",
}

// field is one field of a process, nil where it has none. Lists are filtered and sorted by single fields.
func field(o *core.Order, name string) any {
	switch name {
	case "id":
		return o.ID
	case "user":
		return "sandbox/admin"
	case "customer":
		return "sandbox"
	case "type":
		return "certificate"
	case "action":
		return "request"
	case "identifier":
		return strings.TrimPrefix(o.CommonName(), "*.")
	case "createdDate", "startedDate":
		return o.Created.Format(timeForm)
	case "updatedDate":
		return o.Modified.Format(timeForm)
	case "status":
		switch o.Stage {
		case core.StageUnplaced:
			return "RUNNING"
		case core.StageIssued:
			return "COMPLETED"
		case core.StageCanceled:
			return "CANCELLED"
		}
		return "SUSPENDED"
	case "statusDetail":
		if requiresAttention(o) {
			return "SSL_REQUIRES_ATTENTION"
		}
	case "command":
		return command(o.Names)
	case "resumeTypes":
		switch o.Stage {
		case core.StageUnplaced:
			return []string{"INTERNAL"}
		case core.StageTokenAssigned:
			return []string{"PROVIDER", "RESEND", "CANCEL"}
		case core.StageValidated:
			return []string{"PROVIDER"}
		case core.StageFailed:
			return []string{"CANCEL"}
		}
	}
	return nil
}

// word is the status of a process with its detail.
func word(o *core.Order) string {
	if detail := field(o, "statusDetail"); detail != nil {
		return fmt.Sprintf("%s, %s", field(o, "status"), detail)
	}
	return fmt.Sprint(field(o, "status"))
}

// command is what a certificate was ordered with.
func command(names []string) core.Object {
	return core.Object{
		"product": "sandbox_dv", "period": 12, "csr": "-----BEGIN CERTIFICATE REQUEST-----\nc2FuZGJveA==\n-----END CERTIFICATE REQUEST-----",
		"san": names[1:],
	}
}

// dcvStatus is the status of one validation.
func dcvStatus(c *core.Check) string {
	switch {
	case c.Status == core.StatusValidated:
		return "VALIDATED"
	case c.Status == core.StatusFailed, !c.TokenExpires.IsZero() && c.TokenExpires.Before(time.Now()):
		return "ATTENTION"
	}
	return "WAITING"
}

// requiresAttention tells whether a validation needs an action of the user. One that waits for its record does not.
func requiresAttention(o *core.Order) bool {
	return o.Stage != core.StageUnplaced && o.Stage != core.StageCanceled &&
		slices.ContainsFunc(o.Checks, func(c *core.Check) bool { return dcvStatus(c) == "ATTENTION" })
}

// infoView is the view of a process' info. The record stays when its domain is validated.
func infoView(o *core.Order) core.Object {
	p, _ := o.Spec.(Process)
	info := core.Object{"commonName": o.CommonName(), "requiresAttention": false}
	if o.Stage == core.StageUnplaced {
		info["validations"] = nil
		return info
	}
	var dcv []core.Object
	for _, c := range o.Checks {
		e := core.Object{
			"commonName": c.Domain, "type": c.Method, "status": dcvStatus(c),
			"caaRecordStatus": "EMPTY", "riskStatus": "PASSED",
		}
		dot := ""
		if p.TrailingDots {
			dot = "."
		}
		switch c.Method {
		case "DNS":
			e["dnsRecord"] = c.Name + dot
			if !p.OmitDNSType {
				e["dnsType"] = c.Type
			}
			e["dnsContents"] = c.Value
			if c.Type == "CNAME" {
				e["dnsContents"] = c.Value + dot
			}
		case "EMAIL":
			e["email"] = "hostmaster@" + core.Canonical(c.Domain)
		case "FILE":
			e["fileLocation"] = core.Canonical(c.Domain) + "/.well-known/pki-validation/" + strings.ToUpper(c.Token) + ".txt"
			e["fileContents"] = c.Token + "\nsectigo.com"
		}
		dcv = append(dcv, e)
	}
	info["requiresAttention"] = requiresAttention(o)
	info["validations"] = core.Object{"agreement": "VALIDATED", "dcv": dcv}
	if o.Stage == core.StageIssued {
		info["certificateId"] = o.ID.Number() + 5_000_000_000
	}
	return info
}

// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package cps

import (
	"cmp"
	"slices"
	"strings"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// This file finds the DCV data that proves control of a domain: its own, the one that all domains share, or that of a parent.

// DomainDCV is the DCV data that proves control of one domain, nil when there is none.
func (r Response) DomainDCV(domain *Domain) *DomainDCV {
	entry, _ := r.proof(domain)
	return entry
}

// proof is the DCV data that proves control of one domain, and the name that it proves control of. A domain without data of
// its own has that of others: a DV certificate has one item for all its domains, usually without a domain id. For OV and EV
// the API gives items for parents alone, and the CA validates the domains below a parent with it.
func (r Response) proof(domain *Domain) (entry *DomainDCV, name string) {
	own := r.entryOf(domain.ID)
	name = domain.Name.String()
	switch {
	case own != nil && own.useful():
	case r.isDV():
		if shared := r.sharedDCV(); shared != nil && own == nil {
			return shared, name
		}
	default:
		if entry, parent := r.parentDCV(domain); entry != nil {
			return entry, parent
		}
	}
	return own, name
}

// entryOf is the DCV data of a domain id, nil when there is none.
func (r Response) entryOf(id *client.Int) *DomainDCV {
	for i := range r.DCV {
		if found := r.DCV[i].DomainID; found != nil && id != nil && *found == *id && *id != 0 {
			return &r.DCV[i]
		}
	}
	return nil
}

// sharedDCV is the DCV data for all domains: that without a domain id, else that of any domain, as long as all have the same
// token. Tokens that differ belong to one domain each, and none of them proves control of another. Neither does data of a
// domain that is validated on another way than the certificate.
func (r Response) sharedDCV() *DomainDCV {
	var common, some *DomainDCV
	commonAgree, someAgree := true, true
	for i := range r.DCV {
		entry := &r.DCV[i]
		switch {
		case !entry.useful():
		case entry.DomainID == nil || *entry.DomainID == 0:
			commonAgree = commonAgree && (common == nil || common.token() == entry.token())
			common = cmp.Or(common, entry)
		case entry.DCVMethod != nil && r.Certificate.DCVMethod != nil &&
			!strings.EqualFold(entry.DCVMethod.String(), r.Certificate.DCVMethod.String()):
		default:
			someAgree = someAgree && (some == nil || some.token() == entry.token())
			some = cmp.Or(some, entry)
		}
	}
	switch {
	case common != nil && commonAgree:
		return common
	case common == nil && someAgree:
		return some
	}
	return nil
}

// parentDCV is the DCV data of the domain above, with its name: of the nearest one on the certificate that has any. Where the
// status tells which names are validated together, the parent has to be among them. It need not be on the certificate then: it
// is the one of these names that is above all others.
func (r Response) parentDCV(domain *Domain) (entry *DomainDCV, name string) {
	var groups []DomainValidation
	if r.Status != nil && r.Status.OrderValidation != nil {
		for _, group := range r.Status.OrderValidation.DomainValidations {
			if validationCovers(group, domain) {
				groups = append(groups, group)
			}
		}
	}
	together := func(parent *Domain) bool {
		return len(groups) == 0 || slices.ContainsFunc(groups, func(g DomainValidation) bool { return validationCovers(g, parent) })
	}
	for i := range r.Certificate.Domains {
		parent := &r.Certificate.Domains[i]
		found := r.entryOf(parent.ID)
		if found != nil && found.useful() && covers(parent.Name, domain.Name) && together(parent) && len(parent.Name.String()) > len(name) {
			entry, name = found, parent.Name.String()
		}
	}
	if entry != nil {
		return entry, name
	}
	for _, group := range groups {
		found := r.entryOf(group.DomainID)
		top := slices.IndexFunc(group.DomainNames, func(parent *client.Text) bool {
			return !slices.ContainsFunc(group.DomainNames, func(below *client.Text) bool { return !covers(parent, below) })
		})
		if found != nil && found.useful() && top >= 0 {
			return found, group.DomainNames[top].String()
		}
	}
	return nil, ""
}

// covers tells whether control of a parent can prove control of a name. Control of a public suffix, which is nobody's, does not.
func covers(parent, name *client.Text) bool {
	if parent.String() == "" || name.String() == "" || !dcv.Covers(parent.String(), name.String()) {
		return false
	}
	_, err := dcv.RegistrableDomain(parent.String())
	return err == nil
}

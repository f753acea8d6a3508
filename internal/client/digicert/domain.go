// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package digicert

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/certops/terraform-provider-certops/internal/callgroup"
	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// IDOf is the domain's id as text, like everywhere where a configuration takes it.
func IDOf(domain *Domain) *string {
	return idText(domain.ID)
}

// DomainOrder puts a domain into vendor-neutral words. It has one challenge for each type of validation, all with the same
// record, so that the least advanced type tells where the domain stands. A domain without a name is an error: nobody can tell
// which record it needs.
func DomainOrder(domain *Domain, txtOwner string) (dcv.Order, error) {
	var order dcv.Order
	if domain.Name.String() == "" {
		return order, errors.New("the response has no name. Which record the domain needs cannot be told")
	}
	challenge := dcv.Challenge{
		Domain:         domain.Name.String(),
		Method:         domain.DCVMethod.Ptr(),
		Channel:        channelOf(domain.DCVMethod.Ptr()),
		ValidatedUntil: domain.DCVExpirationDatetime.Ptr(),
		Publish:        publication(domain.DCVMethod.Ptr(), domain.Name.String(), domain.DCVToken, txtOwner),
	}
	var statuses []dcv.Status
	for _, validation := range domain.Validations {
		if word := validation.word(); word != "" {
			statuses = append(statuses, dcvStatus(word))
		}
	}
	switch {
	case len(statuses) > 0:
	case domain.DCVToken != nil:
		statuses = []dcv.Status{dcv.StatusPending}
	case domain.DCVApprovalDatetime != nil:
		statuses = []dcv.Status{dcv.StatusValidated}
	default:
		statuses = []dcv.Status{dcv.StatusUnknown}
	}
	lacks := challenge.Channel == dcv.ChannelDNS && challenge.Publish == nil
	for _, status := range statuses {
		challenge.Status, challenge.Reason = status, ""
		if lacks && status != dcv.StatusValidated {
			challenge.Reason = noToken + "."
		}
		order.Challenges = append(order.Challenges, challenge)
	}
	if slices.ContainsFunc(order.Challenges, func(c dcv.Challenge) bool { return c.Reason != "" }) {
		order.Doubts = []dcv.Doubt{{Names: []string{challenge.Domain}, Reason: noToken}}
	}
	return order, nil
}

// ValidUntil is when the proof of control over a domain ends, the earliest end for the types of validation. It is the zero time
// where there is no proof. The error says that DigiCert gives an end that nobody can read.
func ValidUntil(domain *Domain, types []string) (time.Time, error) {
	ends := []*client.Text{domain.DCVExpirationDatetime}
	if e := domain.DCVExpiration; e != nil {
		for kind, end := range map[string]*client.Text{"ov": e.OV, "ev": e.EV} {
			if slices.Contains(types, kind) {
				ends = append(ends, end)
			}
		}
	}
	var earliest time.Time
	for _, text := range ends {
		if text.String() == "" {
			continue
		}
		end, ok := dcv.ParseEnd(text.String())
		if !ok {
			return time.Time{}, fmt.Errorf("the response has an end of the validation that is no date: %q", dcv.Printable(text.String()))
		}
		if earliest.IsZero() || end.Before(earliest) {
			earliest = end
		}
	}
	return earliest, nil
}

// ValidSince is when control over a domain was last proven, the zero time where nobody can tell.
func ValidSince(domain *Domain) time.Time {
	since, ok := dcv.ParseEnd(domain.DCVApprovalDatetime.String())
	if !ok {
		return time.Time{}
	}
	return since
}

// AwaitsToken tells whether DigiCert waits for the record of a domain with a token that has not ended. In doubt it does, so that
// nobody makes the token void: where nobody can read its end, and where it is active although nothing says that the domain was
// ever validated.
func AwaitsToken(domain *Domain, now time.Time) bool {
	token := domain.DCVToken
	if token == nil || token.Token.String() == "" {
		return false
	}
	validated := domain.DCVApprovalDatetime.String() != "" ||
		slices.ContainsFunc(domain.Validations, func(v DomainValidation) bool { return dcvStatus(v.word()) == dcv.StatusValidated })
	used := validated && strings.EqualFold(token.Status.String(), "active")
	end, readable := dcv.ParseEnd(token.ExpirationDate.String())
	return !used && (!readable || now.Before(end))
}

// ValidationTypes are the types of validation that a domain has, in DigiCert's words.
func ValidationTypes(domain *Domain) []string {
	var types []string
	for _, validation := range domain.Validations {
		if kind := strings.ToLower(validation.Type.String()); kind != "" && !slices.Contains(types, kind) {
			types = append(types, kind)
		}
	}
	return types
}

// EachDomainOnce returns a reader that asks for each domain once: many orders can share a domain, and the rate limit is low.
func EachDomainOnce(read DomainReader) DomainReader {
	domains := callgroup.Group[*Domain]{Keep: true}
	return func(ctx context.Context, domainID string) (*Domain, error) {
		domain, err := domains.Do(ctx, domainID, func(ctx context.Context) (*Domain, error) { return read(ctx, domainID) })
		if err != nil && ctx.Err() != nil {
			return nil, &client.Error{Kind: client.KindCanceled, Service: Service, Err: ctx.Err()}
		}
		return domain, err
	}
}

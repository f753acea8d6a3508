// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package digicert

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// ReadOrder reads the validation of an order with the tokens of its domains.
func ReadOrder(ctx context.Context, c *Client, id string) (dcv.Order, error) {
	return readOrder(ctx, c, id, c.Domain)
}

// ListOrders lists the account's orders but those that the list tells to be issued or to have ended.
func ListOrders(ctx context.Context, c *Client) ([]dcv.Listed, error) {
	orders, err := c.Orders(ctx, OrderFilter{})
	domain := EachDomainOnce(c.Domain)
	var listed []dcv.Listed
	for i := range orders {
		if order, _ := standing(orders[i].Status.String()); !isOpen(order) {
			continue
		}
		id := orders[i].ID.String()
		one := dcv.Listed{ID: id, Read: func(ctx context.Context) (dcv.Order, error) { return readOrder(ctx, c, id, domain) }}
		if orders[i].Certificate != nil {
			one.Name = orders[i].Certificate.CommonName.String()
		}
		listed = append(listed, one)
	}
	return listed, err
}

func readOrder(ctx context.Context, c *Client, id string, domain DomainReader) (dcv.Order, error) {
	validation, err := c.OrderValidation(ctx, id)
	if err != nil {
		return dcv.Order{}, err
	}
	now := time.Now()
	order, err := ReadDomains(ctx, domain, validation, now).Order(now, dcv.TXTOwnerDNSAuth)
	if err != nil {
		return dcv.Order{}, err
	}
	return order, order.FailedRead()
}

// Response is the validation of an order with the domains that its token methods lead to.
type Response struct {
	Validation *OrderValidation
	// read tells whether the domains were asked for.
	read bool
	// Domains by domain_id; nil for one that could not be read.
	Domains map[string]*Domain
	// Failures say why, in the order of the validations.
	Failures []domainFailure
}

// DomainReader reads a domain by its id.
type DomainReader func(ctx context.Context, domainID string) (*Domain, error)

type domainFailure struct {
	domainID string
	Err      error
}

// ReadDomains reads, at the same time, each domain of an open name that is validated by a token. The order's own response has
// no token. A domain has none once it is validated, so that a name whose approval lasts takes no request. Where the order does
// not tell how long it lasts, the domain tells whether it has ended.
func ReadDomains(ctx context.Context, read DomainReader, validation *OrderValidation, now time.Time) Response {
	response := Response{Validation: validation, read: true, Domains: make(map[string]*Domain)}
	order, _ := standing(validation.OrderStatus.String())
	var ids []string
	for i := range validation.DNSNameValidations {
		v := &validation.DNSNameValidations[i]
		if v.domainID() == "" || !isTokenMethod(response.method(v)) || v.lasts(now) || !isOpen(order) {
			continue
		}
		if _, ok := response.Domains[v.domainID()]; !ok {
			response.Domains[v.domainID()] = nil
			ids = append(ids, v.domainID())
		}
	}
	domains, givenUp := client.ReadEach(ctx, ids, func(ctx context.Context, id *string) (*Domain, error) {
		return read(ctx, *id)
	})
	for _, domain := range domains {
		response.Domains[*domain.Object] = domain.Result
		if domain.Err != nil {
			response.Failures = append(response.Failures, domainFailure{domainID: *domain.Object, Err: domain.Err})
			if givenUp != nil && errors.Is(domain.Err, givenUp) {
				// The rest was not read because of this failure.
				response.Failures = response.Failures[len(response.Failures)-1:]
				break
			}
		}
	}
	return response
}

// lasts tells whether the name is approved, and until when: nothing is needed for it then.
func (v *DNSNameValidation) lasts(now time.Time) bool {
	until := v.ApprovalExpirationDate.Ptr()
	return dcvStatus(v.Status.String()) == dcv.StatusValidated && dcv.Value(until) != "" && !isPast(until, now)
}

// domainID leads to the domain of a validation. It is "" where there is none, also for what PHP writes then.
func (v *DNSNameValidation) domainID() string {
	if id := v.DomainID.String(); id != "false" && strings.Trim(id, "0") != "" {
		return id
	}
	return ""
}

// method is the validation's own method, else the order's.
func (r Response) method(v *DNSNameValidation) *string {
	if v.Method != nil {
		return v.Method.Ptr()
	}
	return r.Validation.OrderDCVMethod.Ptr()
}

// channelOf is what a DCV method means. DigiCert writes methods in lower case; capitals mean the same.
func channelOf(method *string) dcv.Channel {
	switch strings.ToLower(dcv.Value(method)) {
	case "dns-txt-token", "dns-cname-token":
		return dcv.ChannelDNS
	case "http-token", "http-token-dynamic":
		return dcv.ChannelHTTP
	case "email":
		return dcv.ChannelEmail
	}
	return dcv.ChannelUnknown
}

// isTokenMethod tells whether the method proves control by a token, which the domain's own response holds.
func isTokenMethod(method *string) bool {
	channel := channelOf(method)
	return channel == dcv.ChannelDNS || channel == dcv.ChannelHTTP
}

// domain is the domain of a validation, nil when it was not read. One that cannot validate the scope is another's.
func (r Response) domain(v *DNSNameValidation) *Domain {
	domain := r.Domains[v.domainID()]
	if domain == nil || domain.Name != nil && v.NameScope != nil && !dcv.Covers(domain.Name.String(), v.NameScope.String()) {
		return nil
	}
	return domain
}

// Token is the DCV token of a validation, nil when there is none.
func (r Response) Token(v *DNSNameValidation) *DCVToken {
	if domain := r.domain(v); domain != nil {
		return domain.DCVToken
	}
	return nil
}

// Order puts the response into vendor-neutral words. now tells whether an approval has ended, txtOwner where TXT tokens are
// published. An order that is open and names nothing to validate is an error: nobody can tell which records it needs. So is one
// whose record belongs to no name of it.
func (r Response) Order(now time.Time, txtOwner string) (dcv.Order, error) {
	order, placed := standing(r.Validation.OrderStatus.String())
	open := isOpen(order)
	if open && placed && len(r.Validation.DNSNameValidations) == 0 {
		return order, fmt.Errorf("order status %q: %w", strings.ToLower(r.Validation.OrderStatus.String()), dcv.ErrNoValidations)
	}
	openDomains := make(map[string]bool)
	for i := range r.Validation.DNSNameValidations {
		v := &r.Validation.DNSNameValidations[i]
		challenge := r.challenge(v, open, now, txtOwner)
		if challenge.Status != dcv.StatusValidated && open {
			openDomains[v.domainID()] = true
			if challenge.Publish == nil && r.read {
				challenge.Reason = cmp.Or(challenge.Reason, r.recordless(v, challenge, placed))
			}
			if err := contradiction(challenge); err != nil {
				return order, err
			}
			if doubt := r.doubt(v, challenge, placed); doubt.Reason != "" {
				order.Doubts = append(order.Doubts, doubt)
			}
		}
		order.Challenges = append(order.Challenges, challenge)
	}
	for _, failure := range r.Failures {
		if !placed && client.IsNotFound(failure.Err) {
			continue // No token yet.
		}
		order.Unread = append(order.Unread, dcv.Unread{
			Part: "the DCV token of domain " + dcv.Printable(failure.domainID), Option: "include_dcv_tokens",
			Open: openDomains[failure.domainID], Refused: client.IsRefused(failure.Err), Err: failure.Err,
		})
	}
	return order, nil
}

// standing tells where an order of some status stands, and whether it is placed with the certificate authority.
func standing(status string) (order dcv.Order, placed bool) {
	placed = true
	switch status = strings.ToLower(status); status {
	case "issued":
		order.Issued = true
	case "rejected", "denied", "declined", "revoked", "canceled", "cancelled", "expired":
		order.Ended = "the order has the status " + status
	case "reissue_pending":
		order.Renewing = true
	case "needs_approval", "needs_csr":
		placed = false
	case "pending", "processing", "approved", "waiting_pickup":
	default:
		order.Unknown = cmp.Or(status, "(none)")
	}
	return order, placed
}

// isOpen tells whether an order may still need records.
func isOpen(order dcv.Order) bool { return !order.Issued && order.Ended == "" }

// challenge puts one validation into vendor-neutral words.
func (r Response) challenge(v *DNSNameValidation, open bool, now time.Time, txtOwner string) dcv.Challenge {
	names := client.Texts(v.DNSNames)
	scope := v.NameScope.String()
	if domain := r.Domains[v.domainID()]; scope == "" && domain != nil {
		scope = domain.Name.String()
	}
	if scope == "" && len(names) > 0 {
		scope = names[0]
	}
	method := r.method(v)
	challenge := dcv.Challenge{
		Domain:         scope,
		Names:          names,
		Status:         dcvStatus(v.Status.String()),
		Method:         method,
		Channel:        channelOf(method),
		ValidatedUntil: v.ApprovalExpirationDate.Ptr(),
		Publish:        publication(method, scope, r.Token(v), txtOwner),
	}
	if open && challenge.Status == dcv.StatusValidated && isPast(challenge.ValidatedUntil, now) {
		challenge.Status = dcv.StatusActionRequired
		challenge.Reason = "The approval ended on " + *challenge.ValidatedUntil + ". Have DigiCert validate the domain again."
	}
	if open && !v.lasts(now) {
		r.holdBack(&challenge, v)
	}
	if challenge.Status != dcv.StatusValidated && open && challenge.Channel == dcv.ChannelUnknown {
		challenge.Status = dcv.StatusUnknown
	}
	return challenge
}

// holdBack gives a validation the least advanced status of the types of validation that the order needs, where the domain
// tells of them. The types of the order are those of its organization; an order without an organization needs DV.
func (r Response) holdBack(challenge *dcv.Challenge, v *DNSNameValidation) {
	domain := r.domain(v)
	if domain == nil {
		return
	}
	needed := make(map[string]bool)
	for i := range r.Validation.OrganizationValidations {
		needed[strings.ToLower(r.Validation.OrganizationValidations[i].Type.String())] = true
	}
	if len(needed) == 0 {
		needed["dv"] = true
	}
	for i := range domain.Validations {
		kind := strings.ToLower(domain.Validations[i].Type.String())
		word := domain.Validations[i].word()
		status := dcvStatus(word)
		if needed[kind] && status != dcv.StatusUnknown && dcv.CompareStatus(status, challenge.Status) < 0 {
			challenge.Status = status
			challenge.Reason = fmt.Sprintf("DigiCert's validation of the domain for the type %q has the status %q.", dcv.Printable(kind),
				dcv.Printable(word))
		}
	}
}

// word is the status of one type of validation, "" when the API tells none. A validation that has expired is of no use even if
// control of the domain was proven for it.
func (v DomainValidation) word() string {
	status := v.Status.String()
	if strings.EqualFold(status, "expired") {
		return status
	}
	return cmp.Or(v.DCVStatus.String(), status)
}

// noToken is the reason of a domain whose token is not in the response.
const noToken = "DigiCert returns no token for the domain"

// recordless says why an open validation has no record, "" where it needs none.
func (r Response) recordless(v *DNSNameValidation, challenge dcv.Challenge, placed bool) string {
	switch {
	case challenge.Channel != dcv.ChannelDNS:
		return ""
	case v.domainID() == "":
		return "DigiCert gives no domain id, and without it the token cannot be read."
	case !placed:
		return dcv.ReasonNotPlaced
	case r.Domains[v.domainID()] == nil:
		return "The token could not be read."
	}
	return noToken + "."
}

// doubt says what keeps an open validation from telling its record. It has no reason where nothing does.
func (r Response) doubt(v *DNSNameValidation, challenge dcv.Challenge, placed bool) dcv.Doubt {
	doubt := dcv.Doubt{Names: challenge.Names, Option: "include_dcv_tokens"}
	switch {
	case challenge.Channel == dcv.ChannelUnknown:
		doubt.Reason = dcv.UnknownMethod(Service, challenge.Method)
	case challenge.Channel == dcv.ChannelDNS && v.domainID() == "" && r.read:
		doubt.Reason = "DigiCert gives no domain id, and without it the token cannot be read. Only requests that write return the token " +
			"of such an order"
	case challenge.Channel == dcv.ChannelDNS && placed && r.Domains[v.domainID()] != nil && challenge.Publish == nil:
		// A name that DigiCert itself calls approved has no token to lose.
		doubt.Reason, doubt.Lost = noToken, dcvStatus(v.Status.String()) == dcv.StatusPending
	}
	return doubt
}

// contradiction says why nobody can tell where the record of a challenge belongs; nil where that is clear.
func contradiction(challenge dcv.Challenge) error {
	if challenge.Publish == nil {
		return nil
	}
	if challenge.Domain == "" {
		return errors.New("the response has a token, and no domain that it validates")
	}
	for _, name := range challenge.Names {
		if _, err := dcv.ParseDomain(name); err == nil && !dcv.Covers(challenge.Domain, name) {
			return fmt.Errorf("the response has %q validated for %q, of which it is no parent", dcv.Printable(challenge.Domain),
				dcv.Printable(name))
		}
	}
	return nil
}

// isPast tells whether a point in time that a vendor gives, a timestamp or a plain date, lies before now. One that cannot be
// read does: it proves nothing. PHP writes "" where there is none.
func isPast(text *string, now time.Time) bool {
	if dcv.Value(text) == "" {
		return false
	}
	end, ok := dcv.ParseEnd(dcv.Value(text))
	return !ok || !now.Before(end)
}

// dcvStatus maps the free text of a validation's status.
func dcvStatus(status string) dcv.Status {
	switch strings.ToLower(status) {
	case "approved", "active", "complete", "completed", "valid", "validated":
		return dcv.StatusValidated
	case "pending", "submitted", "processing", "waiting":
		return dcv.StatusPending
	case "expired":
		return dcv.StatusActionRequired
	case "rejected", "denied", "failed":
		return dcv.StatusFailed
	}
	return dcv.StatusUnknown
}

// publication is the record of a DNS method. The name comes from the validation's scope, not from each name on the
// certificate.
func publication(method *string, scope string, token *DCVToken, txtOwner string) *dcv.Publication {
	if token == nil || token.Token.String() == "" {
		return nil // PHP writes "" where there is none.
	}
	switch strings.ToLower(dcv.Value(method)) {
	case "dns-txt-token":
		return dcv.DigiCertTXT(scope, token.Token.String(), token.ExpirationDate.Ptr(), txtOwner)
	case "dns-cname-token":
		return dcv.DigiCertCNAME(scope, token.Token.String(), token.ExpirationDate.Ptr())
	}
	return nil
}

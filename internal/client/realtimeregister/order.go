// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package realtimeregister

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// ReadOrder asks for the process itself first: what the info of a finished one responds is not documented.
func ReadOrder(ctx context.Context, c *Client, id string) (dcv.Order, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return dcv.Order{}, err
	}
	process, err := c.Process(ctx, n)
	if err != nil {
		return dcv.Order{}, err
	}
	if err := certificateOrder(process); err != nil {
		return dcv.Order{}, err
	}
	return readOrder(ctx, c, process, n)
}

// ListOrders lists the account's processes that order a certificate, but those that the list tells to be issued or to have ended.
func ListOrders(ctx context.Context, c *Client) ([]dcv.Listed, error) {
	processes, err := c.Processes(ctx, ProcessFilter{})
	var listed []dcv.Listed
	for i := range processes {
		process := &processes[i]
		if order := judge(process); order.Issued || order.Ended != "" || certificateOrder(process) != nil {
			continue
		}
		listed = append(listed, dcv.Listed{ID: process.ID.String(), Name: process.Identifier.String(),
			Read: func(ctx context.Context) (dcv.Order, error) { return readOrder(ctx, c, process, *process.ID.Ptr()) }})
	}
	return listed, err
}

func readOrder(ctx context.Context, c *Client, process *Process, id int64) (dcv.Order, error) {
	info, err := ReadInfo(ctx, c, process, id)
	if err != nil {
		return dcv.Order{}, err
	}
	return NewOrder(process, info)
}

// certificateOrder says why a process is not the order of a certificate; nil when it is.
func certificateOrder(p *Process) error {
	switch strings.ToLower(p.Type.String()) {
	case "", "certificate", "acme":
	default:
		return fmt.Errorf("process %s is of the type %q, it does not order a certificate", p.ID, dcv.Printable(p.Type.String()))
	}
	switch strings.ToLower(p.Action.String()) {
	case "", "request", "create", "renew", "reissue":
		return nil
	}
	return fmt.Errorf("process %s has the action %q, it does not order a certificate", p.ID, dcv.Printable(p.Action.String()))
}

// ReadInfo returns an empty info, and no error, of a process that has ended and has none: what it responds then is
// not documented.
func ReadInfo(ctx context.Context, c *Client, process *Process, id int64) (*ProcessInfo, error) {
	info, err := c.ProcessInfo(ctx, id)
	e, ok := errors.AsType[*client.Error](err)
	if order := judge(process); ok && (e.Kind == client.KindNotFound || e.Kind == client.KindInvalid) && (order.Issued || order.Ended != "") {
		return &ProcessInfo{}, nil
	}
	return info, err
}

// judge tells where the order of a process stands.
func judge(p *Process) dcv.Order {
	status := strings.ToUpper(p.Status.String())
	switch status {
	case "COMPLETED":
		order := dcv.Order{Issued: true}
		if p.Identifier != nil {
			order.Names = []string{p.Identifier.String()}
		}
		return order
	case "FAILED", "CANCELLED", "CANCELED", "INVALID":
		return dcv.Order{Ended: "the process has the status " + status}
	case "NEW", "VALIDATED", "RUNNING", "IN_DOUBT", "SCHEDULED", "SUSPENDED":
		return dcv.Order{}
	}
	return dcv.Order{Unknown: cmp.Or(dcv.Printable(p.Status.String()), "(none)")}
}

// hasValidations tells whether the info of a process names what is validated.
func hasValidations(info *ProcessInfo) bool {
	return info.Validations != nil && len(info.Validations.DCV) > 0
}

// NewOrder puts a process and its info into vendor-neutral words. A process that is open and names nothing to validate
// is an error: nobody can tell which records it needs. Before it runs it has none yet.
func NewOrder(process *Process, info *ProcessInfo) (dcv.Order, error) {
	order := judge(process)
	open := !order.Issued && order.Ended == ""
	if !hasValidations(info) {
		switch status := strings.ToUpper(process.Status.String()); status {
		case "NEW", "VALIDATED", "SCHEDULED":
		default:
			if open && !strings.EqualFold(process.Type.String(), "acme") {
				return order, fmt.Errorf("process status %q: %w", dcv.Printable(status), dcv.ErrNoValidations)
			}
		}
		return order, nil
	}
	return withValidations(order, info, open), nil
}

// withValidations adds the domain validations of a process to its order.
func withValidations(order dcv.Order, info *ProcessInfo, open bool) dcv.Order {
	for i := range info.Validations.DCV {
		entry := &info.Validations.DCV[i]
		challenge := newChallenge(entry)
		if challenge.Domain == "" && challenge.Publish == nil && len(info.Validations.DCV) == 1 {
			challenge.Domain = info.CommonName.String()
		}
		if open && challenge.Status != dcv.StatusValidated {
			if doubt := doubtOf(entry, challenge); doubt != "" {
				if !lacksRecord(entry) || challenge.Channel != dcv.ChannelDNS {
					challenge.Status = dcv.StatusUnknown
				}
				challenge.Reason = cmp.Or(challenge.Reason, dcv.Capital(doubt)+".")
				order.Doubts = append(order.Doubts, dcv.Doubt{
					Names: client.Texts([]*client.Text{entry.CommonName}), Reason: doubt, Lost: challenge.Channel == dcv.ChannelDNS && lacksRecord(entry),
				})
			}
		}
		order.Challenges = append(order.Challenges, challenge)
	}
	return order
}

// newChallenge puts one domain validation into vendor-neutral words.
func newChallenge(entry *DCV) dcv.Challenge {
	challenge := dcv.Challenge{
		Domain:  entry.CommonName.String(),
		Status:  dcvStatus(entry.Status.String()),
		Method:  entry.Type.Ptr(),
		Channel: channelOf(entry),
		Reason:  reasonOf(entry),
	}
	recordType := cmp.Or(entry.DNSType.String(), "CNAME") // Without dnsType every CA that Realtime Register resells means a CNAME.
	switch {
	case challenge.Channel != dcv.ChannelDNS:
	case !lacksRecord(entry) && dcv.SupportedType(recordType):
		challenge.Publish = &dcv.Publication{Type: recordType, Name: entry.DNSRecord.String(), Value: entry.DNSContents.String()}
	case lacksRecord(entry) && challenge.Status != dcv.StatusValidated:
		challenge.Reason = cmp.Or(challenge.Reason, noRecord)
	}
	return challenge
}

// noRecord is the reason of a domain whose record is not in the response.
const noRecord = "Realtime Register returns no record for the name."

// channelOf is how a domain is validated. The type can be null, and an entry can carry DNS and file fields at once.
func channelOf(entry *DCV) dcv.Channel {
	switch strings.ToUpper(entry.Type.String()) {
	case "DNS":
		return dcv.ChannelDNS
	case "FILE", "HTTP":
		return dcv.ChannelHTTP
	case "EMAIL":
		return dcv.ChannelEmail
	case "":
		switch {
		case entry.DNSRecord.String() != "":
			return dcv.ChannelDNS
		case entry.FileLocation.String() != "":
			return dcv.ChannelHTTP
		case entry.Email.String() != "":
			return dcv.ChannelEmail
		}
	}
	return dcv.ChannelUnknown
}

// doubtOf says what keeps an open validation from telling its record, "" where nothing does.
func doubtOf(entry *DCV, challenge dcv.Challenge) string {
	recordType := entry.DNSType.String()
	switch {
	case challenge.Channel == dcv.ChannelUnknown:
		return dcv.UnknownMethod(Service, challenge.Method)
	case challenge.Channel == dcv.ChannelDNS && recordType != "" && !dcv.SupportedType(recordType):
		return fmt.Sprintf("Realtime Register asks for a DNS record of the type %q; only CNAME and TXT prove control of a domain",
			dcv.Printable(recordType))
	case challenge.Channel == dcv.ChannelDNS && lacksRecord(entry):
		return "Realtime Register returns no record for the name"
	}
	return ""
}

// lacksRecord tells whether the response does not give the DNS record of a name, whatever else is wrong with the name.
func lacksRecord(entry *DCV) bool {
	return entry.DNSRecord.String() == "" || entry.DNSContents.String() == ""
}

// reasonOf is what the vendor finds wrong with a domain, "" when nothing is.
func reasonOf(entry *DCV) string {
	switch caa := strings.ToUpper(entry.CAARecordStatus.String()); caa {
	case "INVALID":
		return "The CAA records of the domain do not allow the certificate authority to issue (caa_record_status INVALID)."
	case "TIMEOUT", "UNRECOGNIZED_CRITICAL_TAG", "MALFORMED_RESPONSE":
		return "The check of the CAA records failed (caa_record_status " + caa + ")."
	}
	if strings.EqualFold(entry.RiskStatus.String(), "FAILED") {
		return "The certificate authority's risk check failed (risk_status FAILED)."
	}
	return ""
}

func dcvStatus(status string) dcv.Status {
	switch strings.ToUpper(status) {
	case "WAITING":
		return dcv.StatusPending
	case "ATTENTION":
		return dcv.StatusActionRequired
	case "VALIDATED":
		return dcv.StatusValidated
	}
	return dcv.StatusUnknown
}

// ReadInfoOrder puts the info of a process into vendor-neutral words. Only where it names nothing to validate, the process
// itself is read: it tells whether that is as it should be.
func ReadInfoOrder(ctx context.Context, c *Client, id int64, info *ProcessInfo) (dcv.Order, error) {
	if hasValidations(info) {
		return withValidations(dcv.Order{}, info, true), nil
	}
	process, err := c.Process(ctx, id)
	if err != nil {
		return dcv.Order{}, err
	}
	if err := certificateOrder(process); err != nil {
		return dcv.Order{}, err
	}
	return NewOrder(process, info)
}

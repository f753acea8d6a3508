// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/certops/terraform-provider-certops/internal/client"
	"github.com/certops/terraform-provider-certops/internal/client/realtimeregister"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

// realtimeRegisterService is Realtime Register, a reseller of Sectigo's and DigiCert's certificates.
// API: https://dm.realtimeregister.com/docs/api
type realtimeRegisterService struct{}

func (realtimeRegisterService) name() string        { return "realtime_register" }
func (realtimeRegisterService) displayName() string { return "Realtime Register" }

func (realtimeRegisterService) description() string {
	return "How to reach the Realtime Register API. Needed only for `certops_process_info`, `certops_processes` and, with `process_id`, `certops_dcv_validation`."
}

func (realtimeRegisterService) settings() []setting {
	return []setting{
		{
			name: "api_key", env: "CERTOPS_REALTIME_REGISTER_API_KEY", secret: true, required: true, check: client.CheckSecret,
			description: "API key of a user with the permission `VIEW_PROCESS`.",
		},
		{
			name: "base_url", env: "CERTOPS_REALTIME_REGISTER_BASE_URL", fallback: realtimeregister.DefaultBaseURL, check: checkURL,
			description: "Address of the API, without `/v2`. The test environment (OT&E) is `https://api.yoursrs-ote.com`, with its own account and keys.",
		},
	}
}

func (realtimeRegisterService) newClient(values map[string]string, options client.Options) (any, error) {
	return realtimeregister.New(realtimeregister.Config{APIKey: values["api_key"], BaseURL: values["base_url"], HTTP: options})
}

func (realtimeRegisterService) dataSources() []func() datasource.DataSource {
	return []func() datasource.DataSource{newProcessInfoDataSource, newProcessesDataSource}
}

func (realtimeRegisterService) remedy(err *client.Error) string {
	switch err.Kind {
	case client.KindForbidden:
		return "The user of the API key needs the permission VIEW_PROCESS; grant it in the Realtime Register portal."
	case client.KindInvalid:
		if strings.HasSuffix(err.URL, "/info") {
			return "Check `process_id`. Realtime Register tells this of processes that order a certificate; one of another type, or one that has ended, may answer with an error."
		}
	case client.KindRateLimited:
		return "Realtime Register limits failed authentications. Check `realtime_register.api_key` (CERTOPS_REALTIME_REGISTER_API_KEY), wait, and try again."
	case client.KindNotFound:
		return "Check the id, and that it belongs to the account and the environment (production or OT&E) of the API key. The id of a process is in the header X-Process-Id of the order's answer."
	}
	return ""
}

func (realtimeRegisterService) order() orderKind {
	return orderKind{
		argument:    "process_id",
		noun:        "process",
		description: "Id of the Realtime Register process that orders the certificate.",
		read:        orderReader(readProcessOrder),
	}
}

// readProcessOrder asks for the process itself first: what the info of a finished one answers is not documented.
func readProcessOrder(ctx context.Context, c *realtimeregister.Client, id string) (dcv.Order, error) {
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
	info, err := readProcessInfo(ctx, c, process, n)
	if err != nil {
		return dcv.Order{}, err
	}
	return processOrder(process, info)
}

// certificateOrder says why a process is not the order of a certificate; nil when it is.
func certificateOrder(p *realtimeregister.Process) error {
	switch strings.ToLower(p.Type.String()) {
	case "", "certificate", "acme":
	default:
		return fmt.Errorf("process %s is of the type %q, it does not order a certificate", p.ID, printable(p.Type.String()))
	}
	switch strings.ToLower(p.Action.String()) {
	case "", "request", "create", "renew", "reissue":
		return nil
	}
	return fmt.Errorf("process %s has the action %q, it does not order a certificate", p.ID, printable(p.Action.String()))
}

// readProcessInfo returns an empty info, and no error, of a process that has ended and has none: what it answers then is
// not documented.
func readProcessInfo(ctx context.Context, c *realtimeregister.Client, process *realtimeregister.Process, id int64) (*realtimeregister.ProcessInfo, error) {
	info, err := c.ProcessInfo(ctx, id)
	e, ok := errors.AsType[*client.Error](err)
	if order := judgeProcess(process); ok && (e.Kind == client.KindNotFound || e.Kind == client.KindInvalid) && (order.Issued || order.Ended != "") {
		return &realtimeregister.ProcessInfo{}, nil
	}
	return info, err
}

// judgeProcess tells where the order of a process stands.
func judgeProcess(p *realtimeregister.Process) dcv.Order {
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
	return dcv.Order{Unknown: cmp.Or(printable(p.Status.String()), "(none)")}
}

// hasValidations tells whether the info of a process names what is validated.
func hasValidations(info *realtimeregister.ProcessInfo) bool {
	return info.Validations != nil && len(info.Validations.DCV) > 0
}

// processOrder puts a process and its info into vendor-neutral words. A process that is open and names nothing to validate
// is an error: nobody can tell which records it needs. Before it runs it has none yet.
func processOrder(process *realtimeregister.Process, info *realtimeregister.ProcessInfo) (dcv.Order, error) {
	order := judgeProcess(process)
	open := !order.Issued && order.Ended == ""
	if !hasValidations(info) {
		switch status := strings.ToUpper(process.Status.String()); status {
		case "NEW", "VALIDATED", "SCHEDULED":
		default:
			if open && !strings.EqualFold(process.Type.String(), "acme") {
				return order, fmt.Errorf("process status %q: %w", printable(status), dcv.ErrNoValidations)
			}
		}
		return order, nil
	}
	return withProcessValidations(order, info, open), nil
}

// withProcessValidations adds the domain validations of a process to its order.
func withProcessValidations(order dcv.Order, info *realtimeregister.ProcessInfo, open bool) dcv.Order {
	for i := range info.Validations.DCV {
		entry := &info.Validations.DCV[i]
		challenge := processChallenge(entry)
		if challenge.Domain == "" && challenge.Publish == nil && len(info.Validations.DCV) == 1 {
			challenge.Domain = info.CommonName.String()
		}
		if open && challenge.Status != dcv.StatusValidated {
			if doubt := processDoubt(entry, challenge); doubt != "" {
				if !lacksRecord(challenge) {
					challenge.Status = dcv.StatusUnknown
				}
				challenge.Reason = cmp.Or(challenge.Reason, capital(doubt)+".")
				order.Doubts = append(order.Doubts, dcv.Doubt{Names: texts([]*client.Text{entry.CommonName}), Reason: doubt})
			}
		}
		order.Challenges = append(order.Challenges, challenge)
	}
	return order
}

// processChallenge puts one domain validation into vendor-neutral words.
func processChallenge(entry *realtimeregister.DCV) dcv.Challenge {
	challenge := dcv.Challenge{
		Domain:  entry.CommonName.String(),
		Status:  processDCVStatus(entry.Status.String()),
		Method:  entry.Type.Ptr(),
		Channel: processChannel(entry),
		Reason:  processReason(entry),
	}
	recordType := cmp.Or(entry.DNSType.String(), "CNAME") // Without dnsType every CA that Realtime Register resells means a CNAME.
	switch {
	case challenge.Channel != dcv.ChannelDNS:
	case entry.DNSRecord.String() != "" && entry.DNSContents != nil && dcv.SupportedType(recordType):
		challenge.Publish = &dcv.Publication{Type: recordType, Name: entry.DNSRecord.String(), Value: entry.DNSContents.String()}
	case (entry.DNSRecord.String() == "" || entry.DNSContents == nil) && challenge.Status != dcv.StatusValidated:
		challenge.Reason = cmp.Or(challenge.Reason, noProcessRecord)
	}
	return challenge
}

// noProcessRecord is the reason of a domain whose record is not in the response.
const noProcessRecord = "Realtime Register returns no record for the name."

// processChannel is how a domain is validated. The type can be null, and an entry can carry DNS and file fields at once.
func processChannel(entry *realtimeregister.DCV) dcv.Channel {
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

// processDoubt says what keeps an open validation from telling its record, "" where nothing does.
func processDoubt(entry *realtimeregister.DCV, challenge dcv.Challenge) string {
	recordType := entry.DNSType.String()
	switch {
	case challenge.Channel == dcv.ChannelUnknown && challenge.Method == nil:
		return "Realtime Register names no validation method"
	case challenge.Channel == dcv.ChannelUnknown:
		return fmt.Sprintf("the validation method %q is not known to this version of the provider", printable(*challenge.Method))
	case challenge.Channel == dcv.ChannelDNS && recordType != "" && !dcv.SupportedType(recordType):
		return fmt.Sprintf("Realtime Register asks for a DNS record of the type %q; only CNAME and TXT prove control of a domain", printable(recordType))
	case lacksRecord(challenge):
		return "Realtime Register returns no record for the name"
	}
	return ""
}

// lacksRecord tells whether a domain is validated by a DNS record of a known type that the response does not give.
func lacksRecord(challenge dcv.Challenge) bool {
	return challenge.Channel == dcv.ChannelDNS && challenge.Publish == nil && challenge.Reason == noProcessRecord
}

// processReason is what the vendor finds wrong with a domain, "" when nothing is.
func processReason(entry *realtimeregister.DCV) string {
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

func processDCVStatus(status string) dcv.Status {
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

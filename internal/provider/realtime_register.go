// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
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
func readProcessOrder(ctx context.Context, c *realtimeregister.Client, id string) (dcvOrder, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return dcvOrder{}, err
	}
	process, err := c.Process(ctx, n)
	if err != nil {
		return dcvOrder{}, err
	}
	status := strings.ToUpper(process.Status.String())
	switch status {
	case "FAILED", "CANCELLED", "INVALID":
		return dcvOrder{ended: "the process has the status " + status}, nil
	}
	order := dcvOrder{issued: status == "COMPLETED"}
	if order.issued && process.Identifier != nil {
		order.names = []string{process.Identifier.String()}
	}
	info, err := readProcessInfo(ctx, c, process, n)
	if err != nil {
		return dcvOrder{}, err
	}
	if info != nil {
		order.challenges = processChallenges(info)
	}
	return order, nil
}

// readProcessInfo returns no info, and no error, of a process that has ended and has none: what it answers then is not documented.
func readProcessInfo(ctx context.Context, c *realtimeregister.Client, process *realtimeregister.Process, id int64) (*realtimeregister.ProcessInfo, error) {
	info, err := c.ProcessInfo(ctx, id)
	if e, ok := errors.AsType[*client.Error](err); ok && (e.Kind == client.KindNotFound || e.Kind == client.KindInvalid) && processEnded(process) {
		return nil, nil
	}
	return info, err
}

// processEnded tells whether nothing more comes of a process.
func processEnded(p *realtimeregister.Process) bool {
	switch strings.ToUpper(p.Status.String()) {
	case "COMPLETED", "FAILED", "CANCELLED", "INVALID":
		return true
	}
	return false
}

// processChallenges puts the DCV entries of a process into vendor-neutral words.
func processChallenges(info *realtimeregister.ProcessInfo) []dcv.Challenge {
	if info.Validations == nil {
		return nil
	}
	var challenges []dcv.Challenge
	for i := range info.Validations.DCV {
		entry := &info.Validations.DCV[i]
		domain := entry.CommonName
		if domain == nil {
			domain = info.CommonName
		}
		publication := processPublication(entry)
		if domain == nil && publication == nil {
			continue
		}
		challenges = append(challenges, dcv.Challenge{
			Domain:  domain.String(),
			Status:  processDCVStatus(entry.Status.String()),
			Method:  entry.Type.Ptr(),
			Publish: publication,
		})
	}
	return challenges
}

// processPublication is the record of a DNS validation. The type of the validation can be null, and an entry can carry DNS
// and file fields at once. Another type than CNAME and TXT proves nothing and is not published; without dnsType every certification authority that Realtime Register resells means a CNAME.
func processPublication(entry *realtimeregister.DCV) *dcv.Publication {
	if method := entry.Type.String(); method != "" && !strings.EqualFold(method, "DNS") {
		return nil
	}
	if entry.DNSRecord.String() == "" || entry.DNSContents.String() == "" {
		return nil
	}
	recordType := entry.DNSType.String()
	if recordType == "" {
		recordType = "CNAME"
	}
	if !dcv.SupportedType(recordType) {
		return nil
	}
	return &dcv.Publication{Type: recordType, Name: entry.DNSRecord.String(), Value: entry.DNSContents.String()}
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

// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/client/realtimeregister"
	"github.com/certops/terraform-provider-certops/internal/dcv"
)

var (
	_ datasource.DataSource              = (*processInfoDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*processInfoDataSource)(nil)
)

func newProcessInfoDataSource() datasource.DataSource {
	return &processInfoDataSource{vendorDataSource[*realtimeregister.Client]{typeName: "certops_process_info", service: realtimeRegisterService{}}}
}

// processInfoDataSource reads GET /v2/processes/{process_id}/info.
// Source: https://dm.realtimeregister.com/docs/api/processes/info
type processInfoDataSource struct {
	vendorDataSource[*realtimeregister.Client]
}

type processInfoModel struct {
	ProcessID types.Int64 `tfsdk:"process_id"`
	processModel
	dcvModel
}

// processModel is what the API tells of a process, without the argument and the records.
type processModel struct {
	processDetailsModel
	OneTimeLink types.String `tfsdk:"one_time_link"`
}

// processDetailsModel is the part of processModel that is no secret.
type processDetailsModel struct {
	CommonName        types.String             `tfsdk:"common_name"`
	RequiresAttention types.Bool               `tfsdk:"requires_attention"`
	CertificateID     types.Int64              `tfsdk:"certificate_id"`
	Validations       *processValidationsModel `tfsdk:"validations"`
	Notes             []processNoteModel       `tfsdk:"notes"`
}

type processValidationsModel struct {
	Organization types.String      `tfsdk:"organization"`
	Docs         types.String      `tfsdk:"docs"`
	Voice        types.String      `tfsdk:"voice"`
	Whois        types.String      `tfsdk:"whois"`
	Agreement    types.String      `tfsdk:"agreement"`
	DCV          []processDCVModel `tfsdk:"dcv"`
}

type processDCVModel struct {
	CommonName      types.String `tfsdk:"common_name"`
	Type            types.String `tfsdk:"type"`
	Email           types.String `tfsdk:"email"`
	Status          types.String `tfsdk:"status"`
	DNSRecord       types.String `tfsdk:"dns_record"`
	DNSType         types.String `tfsdk:"dns_type"`
	DNSContents     types.String `tfsdk:"dns_contents"`
	FileLocation    types.String `tfsdk:"file_location"`
	FileContents    types.String `tfsdk:"file_contents"`
	CAARecordStatus types.String `tfsdk:"caa_record_status"`
	RiskStatus      types.String `tfsdk:"risk_status"`
}

type processNoteModel struct {
	CreatedDate types.String `tfsdk:"created_date"`
	Type        types.String `tfsdk:"type"`
	Message     types.String `tfsdk:"message"`
}

func (d *processInfoDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := processDetailsAttributes()
	attributes["one_time_link"] = schema.StringAttribute{
		Computed:            true,
		Sensitive:           true,
		MarkdownDescription: oneTimeLinkDescription,
	}
	attributes["process_id"] = schema.Int64Attribute{
		Required: true,
		MarkdownDescription: "Id of the process, as Realtime Register returns it in the header `X-Process-Id` when a certificate is ordered, " +
			"renewed or reissued.",
		Validators: []validator.Int64{int64validator.AtLeast(1)},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the certificate information of a Realtime Register process: which validations are still open, and the DNS records that prove control of each domain.\n\n" +
			"Defined for processes that order a certificate. A process of another type, or one that has ended, may answer with an error or with nothing; " +
			"nothing is reported as a warning. The API key's user needs the permission `VIEW_PROCESS`.",
		Attributes: withDCV(attributes),
	}
}

const oneTimeLinkDescription = "Sectigo's one-time link for the validation of the organization. Whoever has it can act on the order."

// processDetailsAttributes describes processDetailsModel.
func processDetailsAttributes() map[string]schema.Attribute {
	const validationStates = "`WAITING`, `ATTENTION` (requires action) or `VALIDATED`"
	validation := func(of string) schema.StringAttribute {
		return textAttribute("Status of the validation of " + of + ": " + validationStates + ". Null when it is not needed.")
	}
	return map[string]schema.Attribute{
		"common_name":        textAttribute("Common name of the requested certificate."),
		"requires_attention": boolAttribute("True when the request waits for you; `validations` and `notes` tell for what. False when the API does not say."),
		"certificate_id":     numberAttribute("Id of the certificate, when it was issued at once."),
		"validations": objectAttribute("Status of the request's validations. Always an object; members are null where the API says nothing.",
			map[string]schema.Attribute{
				"organization": validation("the organization"),
				"docs":         validation("the documents"),
				"voice":        validation("the telephone call"),
				"whois":        validation("the domain's WHOIS data"),
				"agreement":    validation("the agreement"),
				"dcv": objectListAttribute("Domain control validations, one a name, in the API's order. `dns_records` has them ready for publishing.",
					map[string]schema.Attribute{
						"common_name":       textAttribute("Name that is validated; may be a wildcard such as `*.example.com`."),
						"type":              textAttribute("Validation method: `EMAIL`, `FILE` or `DNS`. Can be null."),
						"email":             textAttribute("Address the validation e-mail goes to, with `EMAIL`."),
						"status":            textAttribute("Status of this validation: " + validationStates + "."),
						"dns_record":        textAttribute("Name of the DNS record as the API gives it, with or without trailing dot."),
						"dns_type":          textAttribute("Type of the DNS record: `CNAME` or `TXT`. Null means `CNAME`."),
						"dns_contents":      textAttribute("Value of the DNS record as the API gives it, with or without trailing dot."),
						"file_location":     textAttribute("Where the validation file must be found, usually without a scheme, with `FILE`."),
						"file_contents":     textAttribute("Contents of the validation file; may have several lines."),
						"caa_record_status": textAttribute("What the check of the CAA records found: `UNKNOWN`, `VALID`, `INVALID`, `WAITING`, `EMPTY`, `TIMEOUT`, `UNRECOGNIZED_CRITICAL_TAG` or `MALFORMED_RESPONSE`."),
						"risk_status":       textAttribute("Result of the certification authority's risk check: `PASSED`, `WAITING` or `FAILED`."),
					}),
			}),
		"notes": objectListAttribute("Notes on the request. Deprecated by Realtime Register; nearly always empty.",
			map[string]schema.Attribute{
				"created_date": textAttribute("When the note was made (RFC 3339)."),
				"type":         textAttribute("`INCOMING` or `OUTGOING`."),
				"message":      textAttribute("Text of the note."),
			}),
	}
}

func (d *processInfoDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model processInfoModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	c, diags := d.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}

	id := model.ProcessID.ValueInt64()
	subject := processSubject(d.service, id)
	info, err := c.ProcessInfo(ctx, id)
	if err != nil {
		resp.Diagnostics.Append(readError(subject, err))
		return
	}
	order, err := readInfoOrder(ctx, c, id, info)
	if err != nil {
		resp.Diagnostics.Append(readError(subject, err))
		return
	}
	if info.CommonName == nil && info.Validations == nil {
		resp.Diagnostics.AddWarning("No Certificate Information",
			fmt.Sprintf("The response for process %d has neither a common name nor validations. "+
				"The process has ended, or it has not begun.", id))
	}
	model.processModel = newProcessModel(info)
	resp.Diagnostics.Append(model.setOrder(ctx, subject, order)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(setState(ctx, &resp.State, &model)...)
}

// readInfoOrder puts the info of a process into vendor-neutral words. Only where it names nothing to validate, the process
// itself is read: it tells whether that is as it should be.
func readInfoOrder(ctx context.Context, c *realtimeregister.Client, id int64, info *realtimeregister.ProcessInfo) (dcv.Order, error) {
	if hasValidations(info) {
		return withProcessValidations(dcv.Order{}, info, true), nil
	}
	process, err := c.Process(ctx, id)
	if err != nil {
		return dcv.Order{}, err
	}
	if err := certificateOrder(process); err != nil {
		return dcv.Order{}, err
	}
	return processOrder(process, info)
}

func processSubject(s service, id int64) subject {
	return subject{service: s, noun: "Realtime Register Process", what: "process", id: strconv.FormatInt(id, 10), attribute: "process_id"}
}

// newProcessModel maps an answer into Terraform values.
func newProcessModel(info *realtimeregister.ProcessInfo) processModel {
	return processModel{processDetailsModel: newProcessDetailsModel(info), OneTimeLink: text(info.OneTimeLink)}
}

func newProcessDetailsModel(info *realtimeregister.ProcessInfo) processDetailsModel {
	validations := info.Validations
	if validations == nil {
		validations = &realtimeregister.Validations{}
	}
	attention := boolean(info.RequiresAttention)
	if attention.IsNull() {
		attention = types.BoolValue(false)
	}
	return processDetailsModel{
		CommonName:        text(info.CommonName),
		RequiresAttention: attention,
		CertificateID:     number(info.CertificateID),
		Validations: &processValidationsModel{
			Organization: text(validations.Organization),
			Docs:         text(validations.Docs),
			Voice:        text(validations.Voice),
			Whois:        text(validations.Whois),
			Agreement:    text(validations.Agreement),
			DCV:          list(validations.DCV, newProcessDCVModel),
		},
		Notes: list(info.Notes, newProcessNoteModel),
	}
}

func newProcessDCVModel(entry *realtimeregister.DCV) processDCVModel {
	return processDCVModel{
		CommonName:      text(entry.CommonName),
		Type:            text(entry.Type),
		Email:           text(entry.Email),
		Status:          text(entry.Status),
		DNSRecord:       text(entry.DNSRecord),
		DNSType:         text(entry.DNSType),
		DNSContents:     text(entry.DNSContents),
		FileLocation:    text(entry.FileLocation),
		FileContents:    text(entry.FileContents),
		CAARecordStatus: text(entry.CAARecordStatus),
		RiskStatus:      text(entry.RiskStatus),
	}
}

func newProcessNoteModel(note *realtimeregister.Note) processNoteModel {
	return processNoteModel{CreatedDate: text(note.CreatedDate), Type: text(note.Type), Message: text(note.Message)}
}

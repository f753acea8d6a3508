// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package writeactions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/certops/terraform-provider-certops/internal/base"
	digicertread "github.com/certops/terraform-provider-certops/internal/client/digicert"
	digicertwrite "github.com/certops/terraform-provider-certops/internal/client/write/digicert"
	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/provider/digicert"
)

var (
	_ action.ActionWithConfigure        = (*submitDomain)(nil)
	_ action.ActionWithConfigValidators = (*submitDomain)(nil)
)

// submitDomain submits a domain of DigiCert for validation again.
type submitDomain struct {
	base.Action
}

func newSubmitDomain() action.Action {
	return &submitDomain{base.Action{TypeName: "certops_digicert_submit_domain"}}
}

type submitDomainModel struct {
	DomainID        types.String `tfsdk:"domain_id"`
	Name            types.String `tfsdk:"name"`
	DCVMethod       types.String `tfsdk:"dcv_method"`
	ValidationTypes types.List   `tfsdk:"validation_types"`
	RenewWithin     types.String `tfsdk:"renew_within"`
	FailOnError     types.Bool   `tfsdk:"fail_on_error"`
}

// dcvMethods are DigiCert's DCV methods: https://dev.digicert.com/certcentral-apis/services-api/domains/submit-for-validation.html.
var dcvMethods = []string{"dns-cname-token", "dns-txt-token", "http-token", "http-token-dynamic", "email"}

// Schema implements action.Action.
func (*submitDomain) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Submits a DigiCert domain for validation again, so that its validation does not end. **It writes at DigiCert**, " +
			"and does so only when you invoke it or trigger it.\n\n" +
			"DigiCert then has a new token for the domain. The token before it is void. The action does nothing, and says so, while the " +
			"validation holds longer than `renew_within`, and while DigiCert already waits for the record of a token: a schedule can run it " +
			"as often as it likes.",
		Attributes: map[string]schema.Attribute{
			"domain_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Id of the domain, in digits. A number is accepted too. Exactly one of `domain_id` and `name` is set.",
				Validators:          []validator.String{digicert.DomainID},
			},
			"name": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The domain's whole name, as the account has it, in any case and with or without trailing dot. It takes one " +
					"more request than `domain_id`.",
				Validators: []validator.String{base.DomainValidator{}},
			},
			"dcv_method": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "DCV method: `" + strings.Join(dcvMethods, "`, `") + "`. Default: the method that the domain has. Another " +
					"method replaces the token that DigiCert waits for. With `email` DigiCert sends e-mails.",
				Validators: []validator.String{base.WordsValidator(dcvMethods)},
			},
			"validation_types": schema.ListAttribute{
				Optional:            true,
				ElementType:         types.StringType,
				MarkdownDescription: "Types of validation to submit the domain for, such as `ov` and `ev`. Default: those that the domain has.",
				Validators: []validator.List{listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(),
					listvalidator.ValueStringsAre(stringvalidator.LengthBetween(1, 50))},
			},
			"renew_within": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "How long before its end a validation is renewed, as a duration such as `720h` (units h, m and s). While it " +
					"holds longer, the " +
					"action does nothing. Default: a third of the time that DigiCert gave the validation: 66 days of 199, 33 of 99, 3 of 9.",
				Validators: []validator.String{base.DurationValidator{}},
			},
			"fail_on_error": failOnError("a submission", "the same apply goes on with other domains"),
		},
	}
}

// ConfigValidators implements action.ActionWithConfigValidators.
func (*submitDomain) ConfigValidators(context.Context) []action.ConfigValidator {
	return []action.ConfigValidator{base.ExactlyOne{"domain_id", "name"}}
}

// Invoke implements action.Action.
func (a *submitDomain) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var model submitDomainModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	reads, writePath, diags := connect[*digicertread.Client](&a.Action, digicert.Vendor{})
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	s := submission{
		reads: reads, writes: digicertwrite.New(writePath), progress: newProgress(resp, writePath, model.FailOnError),
		method: model.DCVMethod.ValueString(), renewWithin: base.DurationOr(model.RenewWithin, 0),
		target: base.Target{Service: digicert.Vendor{}, Noun: "DigiCert Domain", What: "domain", ID: model.DomainID.ValueString(),
			Attribute: "domain_id"},
	}
	if model.DomainID.IsNull() {
		s.target.ID, s.target.Attribute = model.Name.ValueString(), "name"
	}
	if !model.ValidationTypes.IsNull() {
		s.types = base.TextElements(model.ValidationTypes)
	}
	if err := a.Data.Turn.Acquire(ctx, 1); err != nil {
		resp.Diagnostics.AddError("Unable to Submit DigiCert Domain", "The action was stopped while another submission was under way. "+
			"Nothing was sent for "+s.target.String()+".")
		return
	}
	defer a.Data.Turn.Release(1)
	resp.Diagnostics.Append(s.clean(s.run(ctx))...)
}

// submission is one invocation.
type submission struct {
	progress
	reads       *digicertread.Client
	writes      *digicertwrite.Client
	target      base.Target
	method      string        // "" is the domain's own
	types       []string      // nil are the domain's own
	renewWithin time.Duration // 0 is a third of the validation
}

// run submits the domain unless there is no need.
func (s submission) run(ctx context.Context) diag.Diagnostics {
	read := func() (*digicertread.Domain, error) { return s.reads.Domain(ctx, s.target.ID) }
	if s.target.Attribute == "name" {
		read = func() (*digicertread.Domain, error) {
			return s.reads.DomainByName(ctx, strings.TrimSuffix(s.target.ID, "."))
		}
	}
	domain, err := read()
	if err != nil {
		return s.failed(base.ReadError(s.target, err), err)
	}
	id, name := dcv.Value(digicertread.IDOf(domain)), dcv.Printable(domain.Name.String())
	types := s.types
	if types == nil {
		types = digicertread.ValidationTypes(domain)
	}
	method := s.method
	if method == "" {
		method = strings.ToLower(domain.DCVMethod.String())
	}
	why, err := s.needless(domain, types, method, time.Now())
	if err != nil {
		return s.failed(diag.NewErrorDiagnostic("Domain Not Submitted", fmt.Sprintf("The provider cannot tell whether %s has to be "+
			"submitted for validation: %s.", s.target, strings.TrimSuffix(err.Error(), "."))), err)
	}
	if why != "" {
		s.say("%s (domain %s) is not submitted: %s. Nothing was changed.", name, id, why)
		return nil
	}
	s.say("Submitting %s (domain %s) for validation again: %s, by %s.", name, id, strings.Join(types, " and "), method)
	if err := s.writes.SubmitDomain(ctx, id, method, types); err != nil {
		detail := writeDetail(s.target, "Submitting "+s.target.String()+" for validation",
			"If it did, the token before is void. Run the action again: it does nothing when DigiCert has a new token already.", err)
		return s.failed(diag.NewErrorDiagnostic("Unable to Submit DigiCert Domain", detail), err)
	}
	after, err := s.reads.Domain(ctx, id)
	if err != nil {
		s.say("DigiCert took the submission of %s. The domain could not be read afterwards.", name)
		// The id is right, whatever this read says.
		return s.failed(diag.NewErrorDiagnostic("Unable to Read "+s.target.Noun, s.target.FailureDetail("", err)), err)
	}
	next := "DigiCert took the submission of " + name + " and shows no token yet."
	if digicertread.AwaitsToken(after, time.Now()) {
		next = fmt.Sprintf("DigiCert has a new token for %s, and the one before it is void. Publish its record, then have DigiCert look for it "+
			"(certops_check_now).", name)
	}
	s.say("%s", next)
	return nil
}

// needless says why the domain need not be submitted, "" where it has to be. The error says what keeps that from being told.
func (s submission) needless(domain *digicertread.Domain, types []string, method string, now time.Time) (string, error) {
	switch {
	case len(types) == 0:
		return "", errors.New("DigiCert names no type of validation for the domain. Set `validation_types`")
	case !slices.Contains(dcvMethods, method):
		return "", fmt.Errorf("the domain has the DCV method %q, which the provider does not know. Set `dcv_method`", dcv.Printable(method))
	}
	end, err := digicertread.ValidUntil(domain, types)
	if err != nil {
		return "", err
	}
	order, err := digicertread.DomainOrder(domain, dcv.TXTOwnerDNSAuth)
	if err != nil {
		return "", err
	}
	if end.IsZero() && order.Done() {
		return "", errors.New("DigiCert calls the domain validated, and does not tell until when")
	}
	pending := slices.ContainsFunc(order.Challenges, func(c dcv.Challenge) bool { return c.Status == dcv.StatusPending })
	if end.IsZero() && pending && (domain.DCVToken == nil || domain.DCVToken.Token.String() == "") && s.method == "" {
		return "", errors.New("DigiCert waits for the domain's first validation and returns no token. Another submission would make a token " +
			"void that there may be, or send e-mails again. Set `dcv_method` to submit the domain all the same")
	}
	if !end.IsZero() && now.Before(end) {
		within, err := s.window(domain, end)
		if err != nil {
			return "", err
		}
		if left := end.Sub(now); left > within {
			return fmt.Sprintf("its validation holds until %s, for %s more, and is renewed in its last %s", end.UTC().Format(time.RFC3339),
				days(left), days(within)), nil
		}
	}
	if own := strings.ToLower(domain.DCVMethod.String()); digicertread.AwaitsToken(domain, now) && own == method {
		return "DigiCert already waits for the record of a token, which another submission would make void. Publish it, then have DigiCert " +
			"look for it (certops_check_now)", nil
	}
	return "", nil
}

// window is how long before its end a validation is renewed.
func (s submission) window(domain *digicertread.Domain, end time.Time) (time.Duration, error) {
	if s.renewWithin > 0 {
		return s.renewWithin, nil
	}
	since := digicertread.ValidSince(domain)
	if since.IsZero() || !since.Before(end) {
		return 0, errors.New("DigiCert does not tell since when the domain is validated, of which `renew_within` takes a third by default. " +
			"Set `renew_within`")
	}
	return end.Sub(since) / 3, nil
}

// days is a duration as a person counts it.
func days(d time.Duration) string {
	const day = 24 * time.Hour
	if d < 2*day {
		return d.Round(time.Minute).String()
	}
	return fmt.Sprintf("%d days", int(d/day))
}

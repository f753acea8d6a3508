// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package writeactions

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/certops/terraform-provider-certops/internal/base"
	"github.com/certops/terraform-provider-certops/internal/client"
	digicertread "github.com/certops/terraform-provider-certops/internal/client/digicert"
	realtimeread "github.com/certops/terraform-provider-certops/internal/client/realtimeregister"
	digicertwrite "github.com/certops/terraform-provider-certops/internal/client/write/digicert"
	realtimewrite "github.com/certops/terraform-provider-certops/internal/client/write/realtimeregister"
	"github.com/certops/terraform-provider-certops/internal/dcv"
	"github.com/certops/terraform-provider-certops/internal/provider/digicert"
	"github.com/certops/terraform-provider-certops/internal/provider/realtimeregister"
)

// authority is an order or a domain that a vendor can look at.
type authority struct {
	target base.Target
	// read reads where the names stand.
	read func(ctx context.Context) (dcv.Order, error)
	// ask has the vendor look for the open challenges; some tells that they are not all that the order has.
	ask func(ctx context.Context, open []dcv.Challenge, some bool) (verdict, error)
}

// verdict is what the vendor said.
type verdict struct {
	// refusal says why the vendor was not asked; "" when it was.
	refusal string
	// order is the status of the order after the look, "" where the vendor does not tell.
	order string
	// words are the vendor's words for the names, reasons what it is not satisfied with.
	words   map[string]string
	reasons []reason
}

// reason is why a vendor is not satisfied. name is "" where only the text may tell the name.
type reason struct{ name, text string }

// looker returns what the arguments select.
func (a *checkNow) looker(model checkNowModel) (*looker, diag.Diagnostics) {
	l := &looker{}
	var diags diag.Diagnostics
	switch {
	case !model.ProcessID.IsNull():
		var reads *realtimeread.Client
		reads, l.path, diags = connect[*realtimeread.Client](&a.Action, realtimeregister.Vendor{})
		l.authority = processAuthority(reads, realtimewrite.New(l.path), model.ProcessID.ValueInt64())
	case !model.DigiCertOrderID.IsNull():
		var reads *digicertread.Client
		reads, l.path, diags = connect[*digicertread.Client](&a.Action, digicert.Vendor{})
		l.authority = orderAuthority(reads, digicertwrite.New(l.path), model.DigiCertOrderID.ValueString())
	case !model.DigiCertDomainID.IsNull():
		var reads *digicertread.Client
		reads, l.path, diags = connect[*digicertread.Client](&a.Action, digicert.Vendor{})
		l.authority = domainAuthority(reads, digicertwrite.New(l.path), model.DigiCertDomainID.ValueString())
	default:
		diags.AddError("Nothing to Check",
			fmt.Sprintf("None of `%s`, `%s` and `%s` has a value.", argumentProcess, argumentOrder, argumentDomain))
	}
	if !diags.HasError() {
		l.look = base.NewChecker(a.Data.Data).Check
	}
	return l, diags
}

// processAuthority is a process of Realtime Register.
func processAuthority(reads *realtimeread.Client, writes *realtimewrite.Client, id int64) authority {
	v, text := realtimeregister.Vendor{}, strconv.FormatInt(id, 10)
	return authority{
		target: base.Target{Service: v, Noun: "Realtime Register Process", What: "process", ID: text, Attribute: argumentProcess},
		read: func(ctx context.Context) (dcv.Order, error) {
			return realtimeread.ReadOrder(ctx, reads, text)
		},
		ask: func(ctx context.Context, open []dcv.Challenge, _ bool) (verdict, error) {
			process, err := reads.Process(ctx, id)
			if err != nil {
				return verdict{}, err
			}
			allowed := client.Texts(process.ResumeTypes)
			if !slices.ContainsFunc(allowed, func(word string) bool { return strings.EqualFold(word, "RESEND") }) {
				return verdict{refusal: fmt.Sprintf("the process has the status %q, and its resume types do not contain RESEND (%s)",
					dcv.Printable(process.Status.String()), dcv.Printable(strings.Join(allowed, ", ")))}, nil
			}
			var validations []realtimewrite.Validation
			for _, c := range open {
				// Another type than its own would change how the name is validated.
				method := "DNS"
				if c.Channel == dcv.ChannelHTTP {
					method = "FILE"
				}
				validation := realtimewrite.Validation{CommonName: c.Domain, Type: method}
				if c.Domain != "" && !slices.Contains(validations, validation) {
					validations = append(validations, validation)
				}
			}
			warnings, err := writes.Resend(ctx, id, validations)
			if err != nil {
				return verdict{}, err
			}
			var said verdict
			for _, w := range warnings {
				said.reasons = append(said.reasons, reason{w.CommonName, w.Reason})
			}
			return said, nil
		},
	}
}

// orderAuthority is an order of DigiCert.
func orderAuthority(reads *digicertread.Client, writes *digicertwrite.Client, id string) authority {
	return authority{
		target: base.OrderTarget(digicert.Vendor{}, id),
		read:   func(ctx context.Context) (dcv.Order, error) { return digicertread.ReadOrder(ctx, reads, id) },
		ask: func(ctx context.Context, open []dcv.Challenge, some bool) (verdict, error) {
			var names []string
			if some {
				for _, c := range open {
					names = append(names, namesOf(c)...)
				}
			}
			check, err := writes.CheckOrder(ctx, id, names)
			return said(check), err
		},
	}
}

// domainAuthority is a domain of DigiCert.
func domainAuthority(reads *digicertread.Client, writes *digicertwrite.Client, id string) authority {
	return authority{
		target: base.Target{Service: digicert.Vendor{}, Noun: "DigiCert Domain", What: "domain", ID: id, Attribute: argumentDomain},
		read: func(ctx context.Context) (dcv.Order, error) {
			domain, err := reads.Domain(ctx, id)
			if err != nil {
				return dcv.Order{}, err
			}
			return submittedOrder(domain, time.Now())
		},
		ask: func(ctx context.Context, _ []dcv.Challenge, _ bool) (verdict, error) {
			check, err := writes.CheckDomain(ctx, id)
			return said(check), err
		},
	}
}

// submittedOrder puts a domain into vendor-neutral words. One that was submitted again waits for its record, also while the
// validation before still holds.
func submittedOrder(domain *digicertread.Domain, now time.Time) (dcv.Order, error) {
	order, err := digicertread.DomainOrder(domain, dcv.TXTOwnerDNSAuth)
	if err != nil || !digicertread.AwaitsToken(domain, now) {
		return order, err
	}
	for i := range order.Challenges {
		if c := &order.Challenges[i]; c.Status == dcv.StatusValidated {
			c.Status = dcv.StatusPending
			c.Reason = "The validation before still holds. DigiCert waits for the record of the new token."
		}
	}
	return order, nil
}

// said turns a check of DigiCert into a verdict.
func said(check digicertwrite.Check) verdict {
	v := verdict{order: check.OrderStatus, words: check.Names}
	for _, text := range check.Reasons {
		v.reasons = append(v.reasons, reason{text: text})
	}
	return v
}

// namesOf are the names that a challenge validates.
func namesOf(c dcv.Challenge) []string {
	if len(c.Names) > 0 {
		return c.Names
	}
	return []string{c.Domain}
}

// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/certops/terraform-provider-certops/internal/dnscheck/resolve"
)

// message puts what was found, and what to do about it, into sentences. blocked says why the record cannot be created, if so.
func (r *run) message(
	ctx context.Context, t resolve.Task, e expectation, o outcome, worst verdict, verdicts []verdict, blocked string,
) string {
	record := "The " + e.typeName() + " record at " + resolve.TrimDot(e.name)
	var sentences []string
	say := func(format string, arguments ...any) {
		sentences = append(sentences, fmt.Sprintf(format, arguments...))
	}

	switch worst.status {
	case StatusNotDelegated:
		say("%s cannot be found: %s", record, undelegatedClause(e, o))
		return sentences[0]
	case StatusError:
		return errorAdvice(record, o)
	case StatusPublished:
		say("%s is published: %s.", record, whoSaysWhat(o, verdicts))
	case StatusMissing:
		say("%s is missing: %s.", record, whoSaysWhat(o, verdicts))
	case StatusWrongValue:
		say("%s does not have the expected value: %s.", record, whoSaysWhat(o, verdicts))
	case StatusShadowedByCNAME:
		say("%s is hidden by a CNAME: %s.", record, whoSaysWhat(o, verdicts))
	}

	disagree := slices.ContainsFunc(verdicts, func(v verdict) bool { return v.status != verdicts[0].status })
	if disagree {
		say("The servers do not agree: if the record was changed a moment ago, wait until all of them have the change; " +
			"if it was not, find out why some lag behind.")
	}
	if worst.note != "" {
		say("%s", worst.note)
	} else if hint := r.hint(ctx, t, e, o, worst); hint != "" {
		say("%s", hint)
	} else if blocked != "" {
		say("%s", blocked)
	} else if !disagree || !slices.ContainsFunc(verdicts, func(v verdict) bool { return v.status == StatusPublished }) {
		if advice := advice(e, o, worst); advice != "" {
			say("%s", advice)
		}
	}
	if failures := o.Failures(); len(failures) > 0 {
		say("No usable answer came from the rest: %s.", resolve.JoinClauses(failures))
	}
	return strings.Join(sentences, " ")
}

// whoSaysWhat groups the servers by what they say: "ns1 (…) and ns2 (…) return …".
func whoSaysWhat(o outcome, verdicts []verdict) string {
	var clauses []string
	who := make(map[string][]string)
	for i, resp := range o.Useful() {
		clause := verdicts[i].clause
		if who[clause] == nil {
			clauses = append(clauses, clause)
		}
		who[clause] = append(who[clause], resp.Label())
	}
	if len(clauses) == 1 {
		return subject(o, who[clauses[0]]) + " " + clauses[0]
	}
	parts := make([]string, 0, len(clauses))
	for i, clause := range clauses {
		if i == maxListed && len(clauses) > maxListed+1 {
			parts = append(parts, fmt.Sprintf("other servers give %d other answers", len(clauses)-maxListed))
			break
		}
		subject := enumerate(who[clause])
		if len(who[clause]) > 1 {
			subject = "each of " + subject
		}
		parts = append(parts, subject+" "+clause)
	}
	return strings.Join(parts, "; ")
}

// subject names servers that say the same.
func subject(o outcome, servers []string) string {
	switch {
	case o.Apex == "" && len(servers) == 1:
		return "the server " + servers[0]
	case o.Apex == "":
		return "each of the servers " + enumerate(servers)
	case len(servers) == 1:
		return "the server " + servers[0] + " of the zone " + resolve.TrimDot(o.Apex)
	default:
		return fmt.Sprintf("each of the %d servers of the zone %s, %s,", len(servers), resolve.TrimDot(o.Apex), enumerate(servers))
	}
}

func undelegatedClause(e expectation, o outcome) string {
	domain, above := o.NXDomain, o.Apex
	if domain == "" {
		for _, resp := range o.Useful() {
			if zone := undelegated(e, o, resp); zone != "" {
				domain, above = zone, o.Apex
				if above == "" {
					above = resp.DenyingZone
				}
				break
			}
		}
	}
	if e.zone != "" && dns.IsSubDomain(domain, e.zone) && e.zone != above {
		domain = e.zone
	}
	parent := "the zone " + resolve.TrimDot(above)
	if above == "." {
		parent = "the root zone"
	}
	domain = resolve.TrimDot(domain)
	if resolve.IsRegistry(above, e.name) {
		return fmt.Sprintf("%s does not delegate %s. Check the spelling of the name, that the domain is registered and not expired, "+
			"and that its name servers are set at the registrar.", parent, domain)
	}
	return fmt.Sprintf("%s does not delegate %s to any name server. Add NS records for %s to %s, or create the record in %s itself.",
		parent, domain, domain, parent, parent)
}

// redirectedAdvice is what to do where resolvers answer in the place of authoritative servers.
const redirectedAdvice = "The answers come from a resolver instead: perhaps a network or a firewall redirects port 53 to it. " +
	"Name a resolver in the argument nameservers, or in CERTOPS_DNS_NAMESERVERS, or run Terraform where port 53 is open."

func errorAdvice(record string, o outcome) string {
	failures := o.Failures()
	switch {
	case o.Redirected():
		return fmt.Sprintf("%s could not be looked up: %s. %s", record, resolve.JoinClauses(failures), redirectedAdvice)
	case o.Apex == "":
		return fmt.Sprintf("%s could not be looked up: %s. "+
			"Check the name servers given, and that this machine may send DNS queries to them.", record, resolve.JoinClauses(failures))
	case len(failures) == 0:
		return fmt.Sprintf("%s could not be looked up: the zone %s has no name servers.", record, resolve.TrimDot(o.Apex))
	default:
		return fmt.Sprintf("%s could not be looked up, no server of the zone %s gives a usable answer: %s. "+
			"Check that the zone exists at the DNS operator its NS records name, and that this machine may send DNS queries.",
			record, resolve.TrimDot(o.Apex), resolve.JoinClauses(failures))
	}
}

// advice tells what to change.
func advice(e expectation, o outcome, worst verdict) string {
	name, value := resolve.TrimDot(e.name), quote(e.value)
	if e.qtype == dns.TypeCNAME {
		value = resolve.TrimDot(e.value)
	}
	where := ""
	if o.Apex != "" {
		where = " in the zone " + resolve.TrimDot(o.Apex)
	}
	switch {
	case worst.status == StatusMissing && e.qtype == dns.TypeCNAME:
		return fmt.Sprintf("Create a CNAME record at %s%s with the target %s.", name, where, value)
	case worst.status == StatusMissing:
		return fmt.Sprintf("Create a TXT record at %s%s with the value %s.", name, where, value)
	case worst.status == StatusWrongValue && e.qtype == dns.TypeCNAME:
		return fmt.Sprintf("Change the target of the CNAME to %s.", value)
	case worst.status == StatusWrongValue:
		return fmt.Sprintf("Add a TXT record with the value %s; the other TXT records may stay.", value)
	case worst.status == StatusShadowedByCNAME && !strings.HasPrefix(e.name, "_"):
		// The CNAME is what the host is served by, at a content delivery network for instance.
		return fmt.Sprintf("Leave the CNAME as it is. Create a TXT record with the value %s at _dnsauth.%s, "+
			"where DigiCert looks first, or where the CNAME leads.", value, name)
	case worst.status == StatusShadowedByCNAME:
		return fmt.Sprintf("If the CNAME comes from a wildcard record, create a TXT record with the value %s at exactly %s: "+
			"it takes precedence. If a CNAME stands at this very name, create the TXT record where it leads.", value, name)
	default:
		return ""
	}
}

// hint recognizes the common slips of DNS forms and providers, each of which looks right in a list of records.
func (r *run) hint(ctx context.Context, t resolve.Task, e expectation, o outcome, worst verdict) string {
	switch {
	case worst.status == StatusMissing && o.Apex != "" && o.Apex != "." && !resolve.IsRegistry(o.Apex, e.name):
		doubled := strings.TrimSuffix(e.name, ".") + "." + o.Apex
		if _, valid := dns.IsDomainName(doubled); !valid {
			return ""
		}
		misplaced, err := r.resolver.Lookup(ctx, t, doubled, e.qtype)
		if err != nil {
			return ""
		}
		for _, resp := range misplaced.Useful() {
			if resp.Kind == resolve.Data && r.compare(resp.Records, e).status == StatusPublished {
				return fmt.Sprintf("The record exists at %s: the zone was appended to a name that was complete already. "+
					"Write the name relative to the zone, or with a trailing dot.", resolve.TrimDot(doubled))
			}
		}
	case worst.status == StatusWrongValue && e.qtype == dns.TypeCNAME && o.Apex != "" &&
		slices.Contains(worst.observed, resolve.TrimDot(e.value)+"."+resolve.TrimDot(o.Apex)):
		return fmt.Sprintf("The zone was appended to the target. Write the target with a trailing dot: %s", e.value)
	case (worst.status == StatusWrongValue && e.qtype == dns.TypeCNAME || worst.status == StatusShadowedByCNAME) &&
		strings.HasPrefix(e.name, "_") && r.fromWildcard(ctx, t, e.name, dns.TypeCNAME):
		return fmt.Sprintf("A wildcard record answers instead of the record. Create a %s record at exactly %s with the value %s: it takes "+
			"precedence over the wildcard, which stays as it is.", e.typeName(), resolve.TrimDot(e.name), quote(resolve.TrimDot(e.value)))
	case worst.status == StatusWrongValue && e.qtype == dns.TypeTXT:
		if slices.Contains(worst.observed, `"`+e.value+`"`) {
			return "The quotation marks have become part of the value. Write the value without them."
		}
		if slices.ContainsFunc(worst.observed, func(v string) bool { return v != e.value && strings.TrimSpace(v) == e.value }) {
			return "There is white space around the value. Write the value without it."
		}
	}
	sameFolded := func(v string) bool { return strings.EqualFold(v, resolve.TrimDot(e.value)) }
	if worst.status == StatusWrongValue && slices.ContainsFunc(worst.observed, sameFolded) {
		return "The value differs in upper and lower case only, but authorities compare it exactly. Write it as given."
	}
	return ""
}

func errorMessage(ctx context.Context, e expectation, err error) string {
	name := resolve.TrimDot(e.name)
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Sprintf("The time allowed ended before the %s record at %s was looked up. Try again, or allow more time.",
			e.typeName(), name)
	case ctx.Err() != nil:
		return fmt.Sprintf("The check was stopped before the %s record at %s was looked up.", e.typeName(), name)
	case errors.Is(err, resolve.ErrTooManyQueries):
		return fmt.Sprintf("To find the servers of %s %s. Check the NS records of its zone and of the zones above.", name, err)
	case resolve.IsRedirected(err):
		return fmt.Sprintf("The servers of %s could not be found: %s. %s", name, err, redirectedAdvice)
	default:
		return fmt.Sprintf("The servers of %s could not be found: %s. "+
			"Check the NS records of its zone, and that this machine may send DNS queries.", name, err)
	}
}

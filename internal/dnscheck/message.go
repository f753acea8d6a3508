// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dnscheck

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// message puts what was found, and what to do about it, into sentences.
func (r *run) message(ctx context.Context, t task, w want, o outcome, found finding, each []finding) string {
	record := "The " + w.typeName() + " record at " + bare(w.name)
	var sentences []string
	say := func(format string, arguments ...any) {
		sentences = append(sentences, fmt.Sprintf(format, arguments...))
	}

	switch found.status {
	case StatusNotDelegated:
		say("%s cannot be found: %s", record, r.undelegatedClause(w, o))
		return sentences[0]
	case StatusError:
		return r.errorAdvice(record, o)
	case StatusPublished:
		say("%s is published: %s.", record, r.whoSaysWhat(o, each))
	case StatusMissing:
		say("%s is missing: %s.", record, r.whoSaysWhat(o, each))
	case StatusWrongValue:
		say("%s does not have the expected value: %s.", record, r.whoSaysWhat(o, each))
	case StatusShadowedByCNAME:
		say("%s is hidden by a CNAME: %s.", record, r.whoSaysWhat(o, each))
	}

	disagree := slices.ContainsFunc(each, func(f finding) bool { return f.status != each[0].status })
	if disagree {
		say("The servers do not agree: if the record was changed a moment ago, wait until all of them have the change; if it was not, find out why some lag behind.")
	}
	if hint := r.hint(ctx, t, w, o, found); hint != "" {
		say("%s", hint)
	} else if !disagree || !slices.ContainsFunc(each, func(f finding) bool { return f.status == StatusPublished }) {
		if advice := advice(w, o, found); advice != "" {
			say("%s", advice)
		}
	}
	if failures := o.failures(); len(failures) > 0 {
		say("No usable answer came from the rest: %s.", list(failures))
	}
	return strings.Join(sentences, " ")
}

// whoSaysWhat groups the servers by what they say: "ns1 (…) and ns2 (…) return …".
func (r *run) whoSaysWhat(o outcome, each []finding) string {
	var clauses []string
	who := make(map[string][]string)
	for i, a := range o.useful() {
		clause := each[i].clause
		if who[clause] == nil {
			clauses = append(clauses, clause)
		}
		who[clause] = append(who[clause], a.from.label())
	}
	if len(clauses) == 1 {
		return o.subject(who[clauses[0]]) + " " + clauses[0]
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
func (o outcome) subject(servers []string) string {
	switch {
	case o.apex == "" && len(servers) == 1:
		return "the server " + servers[0]
	case o.apex == "":
		return "each of the servers " + enumerate(servers)
	case len(servers) == 1:
		return "the server " + servers[0] + " of the zone " + bare(o.apex)
	default:
		return fmt.Sprintf("each of the %d servers of the zone %s, %s,", len(servers), bare(o.apex), enumerate(servers))
	}
}

func (r *run) undelegatedClause(w want, o outcome) string {
	domain, above := o.absent, o.apex
	if domain == "" {
		for _, a := range o.useful() {
			if zone := undelegated(w, o, a); zone != "" {
				domain, above = zone, o.apex
				if above == "" {
					above = a.above
				}
				break
			}
		}
	}
	if w.zone != "" && isBelow(w.zone, domain) && w.zone != above {
		domain = w.zone
	}
	parent := "the zone " + bare(above)
	if above == "." {
		parent = "the root zone"
	}
	if isRegistry(above, w.name) {
		return fmt.Sprintf("%s does not delegate %s. Check the spelling of the name, that the domain is registered and not expired, and that its name servers are set at the registrar.", parent, bare(domain))
	}
	return fmt.Sprintf("%s does not delegate %s to any name server. Add NS records for %s to %s, or create the record in %s itself.", parent, bare(domain), bare(domain), parent, parent)
}

func (r *run) errorAdvice(record string, o outcome) string {
	failures := o.failures()
	switch {
	case o.apex == "":
		return fmt.Sprintf("%s could not be looked up: %s. Check the name servers given, and that this machine may send DNS queries to them.", record, list(failures))
	case len(failures) == 0:
		return fmt.Sprintf("%s could not be looked up: the zone %s has no name servers.", record, bare(o.apex))
	default:
		return fmt.Sprintf("%s could not be looked up, no server of the zone %s gives a usable answer: %s. Check that the zone exists at the DNS operator its NS records name, and that this machine may send DNS queries.", record, bare(o.apex), list(failures))
	}
}

// advice tells what to change.
func advice(w want, o outcome, found finding) string {
	value := quote(w.value)
	if w.qtype == dns.TypeCNAME {
		value = bare(w.value)
	}
	where := ""
	if o.apex != "" {
		where = " in the zone " + bare(o.apex)
	}
	switch {
	case found.status == StatusMissing && w.qtype == dns.TypeCNAME:
		return fmt.Sprintf("Create a CNAME record at %s%s with the target %s.", bare(w.name), where, value)
	case found.status == StatusMissing:
		return fmt.Sprintf("Create a TXT record at %s%s with the value %s.", bare(w.name), where, value)
	case found.status == StatusWrongValue && w.qtype == dns.TypeCNAME:
		return fmt.Sprintf("Change the target of the CNAME to %s.", value)
	case found.status == StatusWrongValue:
		return fmt.Sprintf("Add a TXT record with the value %s; the other TXT records may stay.", value)
	case found.status == StatusShadowedByCNAME && !strings.HasPrefix(w.name, "_"):
		// The CNAME is what the host is served by, at a content delivery network for instance.
		return fmt.Sprintf("Leave the CNAME as it is. Create a TXT record with the value %s at _dnsauth.%s, where DigiCert looks first, or where the CNAME leads.", value, bare(w.name))
	case found.status == StatusShadowedByCNAME:
		return fmt.Sprintf("If the CNAME comes from a wildcard record, create a TXT record with the value %s at exactly %s: it takes precedence. If a CNAME stands at this very name, create the TXT record where it leads.", value, bare(w.name))
	default:
		return ""
	}
}

// hint recognizes the common slips of DNS forms and providers, each of which looks right in a list of records.
func (r *run) hint(ctx context.Context, t task, w want, o outcome, found finding) string {
	switch {
	case found.status == StatusMissing && o.apex != "" && o.apex != "." && !isRegistry(o.apex, w.name):
		doubled := strings.TrimSuffix(w.name, ".") + "." + o.apex
		if _, valid := dns.IsDomainName(doubled); !valid {
			return ""
		}
		misplaced, err := r.lookup(ctx, t, doubled, w.qtype)
		if err != nil {
			return ""
		}
		for _, a := range misplaced.useful() {
			if a.kind == kindFound && compare(a.found, w).status == StatusPublished {
				return fmt.Sprintf("The record exists at %s: the zone was appended to a name that was complete already. Write the name relative to the zone, or with a trailing dot.", bare(doubled))
			}
		}
	case found.status == StatusWrongValue && w.qtype == dns.TypeCNAME && o.apex != "":
		if slices.Contains(found.observed, bare(w.value)+"."+bare(o.apex)) {
			return fmt.Sprintf("The zone was appended to the target. Write the target with a trailing dot: %s", w.value)
		}
	case found.status == StatusWrongValue && w.qtype == dns.TypeTXT:
		if slices.Contains(found.observed, `"`+w.value+`"`) {
			return "The quotation marks have become part of the value. Write the value without them."
		}
		if slices.ContainsFunc(found.observed, func(v string) bool { return v != w.value && strings.TrimSpace(v) == w.value }) {
			return "There is white space around the value. Write the value without it."
		}
	}
	if found.status == StatusWrongValue && slices.ContainsFunc(found.observed, func(v string) bool { return strings.EqualFold(v, bare(w.value)) }) {
		return "The value differs in upper and lower case only, but authorities compare it exactly. Write it as given."
	}
	return ""
}

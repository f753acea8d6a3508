// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package base

// Descriptions that the data sources and resources share.
//
// The schema has no place for a description of an object's members: see [DNSRecordType] for why the maps are no nested
// attributes. Such a description therefore ends in a list with a line a member, which editors show as it is. The generator of the
// documentation (tools/docs-schema) moves each line to its member, and fails when a member has none.
const (
	ZonesDescription = "The DNS zones you control, with or without trailing dot. With them every record names its `zone` and its " +
		"`relative_name`; the longest zone that holds a record's name wins. A record that none of them holds is an error."

	keyDescription = "The key is the validated domain: lower-case, punycode, without `*.` and trailing dot; a second, different one of a " +
		"domain gets the key `<domain>#2`."

	listKeyDescription = "The key is `<fqdn> <type>`, so that several orders for one domain share an entry; a second, different value gets " +
		"the key `<fqdn> <type>#2`."

	DNSRecordsDescription = "The DNS records to publish, one entry a record. " + keyDescription + " Empty when there is nothing to publish." +
		DNSRecordMembers

	// DNSRecordMembers are the members of DNSRecordType.
	DNSRecordMembers = "\n\n" + ownerMembers +
		"* `value`: the bare value. A TXT value byte for byte, or a CNAME target without trailing dot.\n" +
		"* `value_dot`: the same as `value`, but a CNAME target has a trailing dot.\n" +
		"* `value_quoted`: the same as `value`, but a TXT value is in double quotes.\n" +
		"* `rdata`: the value as a zone file has it. A TXT value is quoted and cut into strings of 255 bytes, a CNAME target has a trailing " +
		"dot.\n" + validationMembers

	DNSRecordSetsDescription = "The same records, one entry an RRset (all records of one name and type), for DNS providers that manage " +
		"whole record sets. " + keyDescription + "\n\n" + ownerMembers +
		"* `values`: the bare values. TXT values byte for byte, or CNAME targets without trailing dot.\n" +
		"* `rdatas`: the values as a zone file has them. TXT values are quoted and cut into strings of 255 bytes, CNAME targets have a " +
		"trailing dot.\n" + validationMembers

	ownerMembers = "* `type`: `CNAME` or `TXT`.\n" +
		"* `fqdn`: the owner name, without trailing dot.\n" +
		"* `fqdn_dot`: the owner name, with a trailing dot.\n" +
		"* `zone`: the zone that holds the record. Null without `zones`.\n" +
		"* `relative_name`: the owner name inside the zone, `@` at the zone apex. Null without `zones`.\n"

	validationMembers = "* `domains`: the names on the certificate that the record validates, sorted.\n" +
		"* `status`: " + statusWords + ". Where `domains` differ, that of the least advanced.\n" +
		"* `expires_at`: when the token ends, as the certificate authority gives it, or null."

	statusWords = "`pending`, `action_required`, `validated`, `failed` or `unknown`"

	DCVStatusDescription = "Where the validation of each name stands, keyed by the name exactly as ordered, in the same words for every " +
		"vendor. A name that occurs more than once, as in several orders, has the status that is least advanced.\n\n" +
		"* `status`: " + statusWords + ".\n" +
		"* `method`: the vendor's word for the validation method.\n" +
		"* `channel`: `dns`, `http`, `email` or `unknown`.\n" +
		"* `validated_until`: when the validation ends, as the vendor gives it, or null.\n" +
		"* `record_key`: the name's key in `dns_records`, or null.\n" +
		"* `reason`: why the vendor or certops says that something is wrong, or null."

	dcvCompleteDescription = "True when there is at least one validation and every one is `validated`, also those whose name the vendor " +
		"does not tell."
)

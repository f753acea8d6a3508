// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import "strconv"

// Keep merges what was known of a domain's records with what the CA returns now, so that a record survives the
// validation that makes the CA forget its token. Both maps are keyed as [Summary].Records; entries of other domains are
// left out.
//
// A record that is returned unchanged keeps its key, and its status and expiry of before. A new value for the same owner
// name and type takes the old one's key. Any other record takes its own key where no returned record has it, else the
// domain's first such key. A record that is no longer returned stays as it was, unless its key was taken.
func Keep(domain string, prior, current map[string]Record) map[string]Record {
	result := make(map[string]Record)
	before := ofDomain(domain, prior)
	now := ofDomain(domain, current)

	// adopt gives each returned record the first key whose record of before is like it.
	adopt := func(like func(Record) sameness, merge func(old, fresh Record) Record) {
		keys := make(map[sameness][]string)
		for _, key := range sortedKeys(before) {
			if _, taken := result[key]; !taken {
				keys[like(before[key])] = append(keys[like(before[key])], key)
			}
		}
		for _, key := range sortedKeys(now) {
			id := like(now[key])
			if len(keys[id]) == 0 {
				continue
			}
			result[keys[id][0]] = merge(before[keys[id][0]], now[key])
			keys[id] = keys[id][1:]
			delete(now, key)
		}
	}
	adopt(
		func(r Record) sameness { return sameness{r.Type, r.FQDN, r.Value} },
		func(old, fresh Record) Record {
			fresh.Status, fresh.ExpiresAt = old.Status, old.ExpiresAt
			return fresh
		})
	adopt(
		func(r Record) sameness { return sameness{r.Type, r.FQDN, ""} },
		func(_, fresh Record) Record { return fresh })
	for _, key := range sortedKeys(now) {
		free := key
		for n := 1; ; n++ {
			if _, taken := result[free]; !taken {
				break
			}
			free = numbered(domain, n)
		}
		result[free] = now[key]
	}
	for key, record := range before {
		if _, taken := result[key]; !taken {
			result[key] = record
		}
	}
	return result
}

// sameness is what makes a record of before the same as one of now.
type sameness struct{ recordType, fqdn, value string }

// ofDomain returns the entries whose key is the domain's, numbered or not.
func ofDomain(domain string, records map[string]Record) map[string]Record {
	own := make(map[string]Record)
	for key, record := range records {
		if base, _ := splitKey(key); base == domain {
			own[key] = record
		}
	}
	return own
}

// numbered is the key of a domain's n-th record.
func numbered(domain string, n int) string {
	if n == 1 {
		return domain
	}
	return domain + "#" + strconv.Itoa(n)
}

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

	place := func(fits func(old, fresh Record) bool, merge func(old, fresh Record) Record) {
		for _, newKey := range sortedKeys(now) {
			for _, oldKey := range sortedKeys(before) {
				if _, taken := result[oldKey]; !taken && fits(before[oldKey], now[newKey]) {
					result[oldKey] = merge(before[oldKey], now[newKey])
					delete(now, newKey)
					break
				}
			}
		}
	}
	place(
		func(old, fresh Record) bool {
			return old.Type == fresh.Type && old.FQDN == fresh.FQDN && old.Value == fresh.Value
		},
		func(old, fresh Record) Record {
			fresh.Status, fresh.ExpiresAt = old.Status, old.ExpiresAt
			return fresh
		})
	place(
		func(old, fresh Record) bool { return old.Type == fresh.Type && old.FQDN == fresh.FQDN },
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

// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package dcv

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// The keys of records are made from names and never from tokens, so that they are known before a token is: the validated
// domain, and for a further record of the same domain the domain with "#2", "#3" and so on.

// assignKeys gives each element its base as the key, and where that is taken "#2", "#3"… in the order given.
func assignKeys(bases []string) []string {
	taken := make(map[string]bool, len(bases))
	for _, base := range bases {
		taken[base] = true
	}
	keys := make([]string, len(bases))
	next := make(map[string]int, len(bases))
	for i, base := range bases {
		keys[i] = base
		if next[base]++; next[base] > 1 {
			keys[i] = FreeKey(base, next, taken)
		}
		taken[keys[i]] = true
	}
	return keys
}

// FreeKey returns the first key of a base that is not taken, from the number in next on, and leaves its number there.
func FreeKey(base string, next map[string]int, taken map[string]bool) string {
	for ; ; next[base]++ {
		if key := numbered(base, max(next[base], 1)); !taken[key] {
			return key
		}
	}
}

// numbered is the key of a base's n-th record.
func numbered(base string, n int) string {
	if n == 1 {
		return base
	}
	return base + "#" + strconv.Itoa(n)
}

// SplitKey takes a key apart into its base and number; a key without a number has 1.
func SplitKey(key string) (base string, number int) {
	at := strings.LastIndexByte(key, '#')
	if at < 0 {
		return key, 1
	}
	number, err := strconv.Atoi(key[at+1:])
	if err != nil || number < 2 || strconv.Itoa(number) != key[at+1:] {
		return key, 1
	}
	return key[:at], number
}

// SortedKeys returns the keys ordered by domain, fewest labels first, then by number.
func SortedKeys[V any](records map[string]V) []string {
	type parts struct {
		key, base string
		number    int
	}
	all := make([]parts, 0, len(records))
	for key := range records {
		base, number := SplitKey(key)
		all = append(all, parts{key, base, number})
	}
	slices.SortFunc(all, func(a, b parts) int {
		return cmp.Or(CompareDomains(a.base, b.base), cmp.Compare(a.number, b.number), cmp.Compare(a.key, b.key))
	})
	keys := make([]string, len(all))
	for i, p := range all {
		keys[i] = p.key
	}
	return keys
}

// CompareDomains orders canonical domains by their number of labels, then lexically.
func CompareDomains(a, b string) int {
	return cmp.Or(cmp.Compare(labelCount(a), labelCount(b)), cmp.Compare(a, b))
}

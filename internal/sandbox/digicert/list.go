// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package digicert

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// QuirkNoPage leaves page out of the list of requests. Not every source of such a list shows it.
const QuirkNoPage = "digicert-requests-without-page"

// maxPage is the largest limit of lists, and the default one.
const maxPage = 1000

// page reads limit and offset; a limit that is too large is cut down.
func page(q url.Values) (limit, offset int, err error) {
	limit, err = core.QueryPositive(q, "limit", maxPage)
	if err == nil {
		offset, err = core.QueryNumber(q, "offset", 0)
	}
	if err != nil || offset < 0 {
		return 0, 0, fmt.Errorf("limit and offset are numbers")
	}
	return min(limit, maxPage), offset, nil
}

// list returns one page of a list, sorted as the query says. The objects come in the order of their ids. Without paged the
// response does not say how many there are.
func list[T any](q url.Values, name string, paged bool, found []T, view func(T) core.Object) core.Reply {
	limit, offset, err := page(q)
	if err == nil {
		found, err = sorted(q.Get("sort"), found, view)
	}
	if err != nil {
		return apiError(http.StatusBadRequest, "invalid_parameter", err.Error()+".")
	}
	items := []core.Object{}
	for _, v := range core.Slice(found, offset, limit) {
		items = append(items, view(v))
	}
	response := core.Object{name: items}
	if paged {
		response["page"] = core.Object{"total": len(found), "limit": limit, "offset": offset}
	}
	return reply(http.StatusOK, response)
}

// sorted sorts by the properties that are named with commas between them, in descending order after a minus sign. A property
// is a path into an object as it is listed, or the name of a member of its certificate. No object has another property.
func sorted[T any](by string, all []T, view func(T) core.Object) ([]T, error) {
	if by == "" || len(all) == 0 {
		return all, nil
	}
	properties := strings.Split(by, ",")
	type row struct {
		object T
		keys   []any
	}
	known := make([]bool, len(properties))
	rows := make([]row, len(all))
	for i, object := range all {
		// Encoded and decoded, the view is what a client sees.
		b, err := json.Marshal(view(object))
		var seen map[string]any
		if err == nil {
			err = json.Unmarshal(b, &seen)
		}
		if err != nil {
			return nil, err
		}
		rows[i] = row{object, make([]any, len(properties))}
		for k, p := range properties {
			v, ok := property(seen, strings.TrimPrefix(p, "-"))
			rows[i].keys[k], known[k] = v, known[k] || ok
		}
	}
	if k := slices.Index(known, false); k >= 0 {
		return nil, fmt.Errorf("the list cannot be sorted by %s", properties[k])
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		for k, p := range properties {
			n := compare(a.keys[k], b.keys[k])
			if strings.HasPrefix(p, "-") {
				n = -n
			}
			if n != 0 {
				return n
			}
		}
		return 0
	})
	result := make([]T, len(rows))
	for i, r := range rows {
		result[i] = r.object
	}
	return result, nil
}

// property finds a property of a listed object.
func property(object map[string]any, name string) (any, bool) {
	for _, path := range []string{name, "certificate." + name, "order.certificate." + name} {
		var v any = object
		for _, member := range strings.Split(path, ".") {
			m, _ := v.(map[string]any)
			v = m[member]
		}
		if v != nil {
			return v, true
		}
	}
	return nil, false
}

// compare compares two values of a property. An object that lacks it comes first.
func compare(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	if x, ok := a.(float64); ok {
		if y, ok := b.(float64); ok {
			return cmp.Compare(x, y)
		}
	}
	return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b))
}

// searched tells whether filters[search] finds one of some texts: "%text" finds text anywhere, "text" finds nothing but itself.
func searched(q url.Values, texts ...string) bool {
	pattern := strings.ToLower(q.Get("filters[search]"))
	part, anywhere := strings.CutPrefix(pattern, "%")
	return pattern == "" || slices.ContainsFunc(texts, func(text string) bool {
		text = strings.ToLower(text)
		return text == pattern || anywhere && strings.Contains(text, part)
	})
}

// filtered tells whether an object passes a filter on a property, of which it may have several values.
func filtered(q url.Values, name string, values ...string) bool {
	want := q.Get("filters[" + name + "]")
	return want == "" || slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, want) })
}

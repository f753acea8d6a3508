// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package realtimeregister

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/certops/terraform-provider-certops/internal/sandbox/core"
)

// QuirkCutLimit cuts a limit that is too large down. The documents restrict it and do not tell what happens beyond.
const QuirkCutLimit = "realtime-register-cut-limit"

// maxLimit is the largest limit of lists.
const maxLimit = 250

// filterFields are the fields by which processes can be filtered, and dates those of them that are times.
var (
	filterFields = []string{
		"id", "user", "customer", "status", "statusDetail", "type", "identifier", "action", "createdDate", "startedDate", "updatedDate",
	}
	dates = []string{"createdDate", "startedDate", "updatedDate"}
)

// matchers compare the value of a field with that of a filter: identifier:like=%example.com. A filter without one is eq.
var matchers = map[string]func(value any, want string) bool{
	"eq":       func(value any, want string) bool { return compare(value, want) == 0 },
	"ne":       func(value any, want string) bool { return compare(value, want) != 0 },
	"gt":       func(value any, want string) bool { return compare(value, want) > 0 },
	"gte":      func(value any, want string) bool { return compare(value, want) >= 0 },
	"lt":       func(value any, want string) bool { return compare(value, want) < 0 },
	"lte":      func(value any, want string) bool { return compare(value, want) <= 0 },
	"like":     like,
	"not_like": func(value any, want string) bool { return !like(value, want) },
	"in":       in,
	"not_in":   func(value any, want string) bool { return !in(value, want) },
}

// compare compares a value with the text of a filter: ids as numbers, dates as times.
func compare(value any, want string) int {
	if id, ok := value.(core.ID); ok {
		return id.Compare(core.ID(want))
	}
	text := fmt.Sprint(value)
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		if limit, err := time.Parse(time.RFC3339, want); err == nil {
			return t.Compare(limit)
		}
	}
	return cmp.Compare(text, want)
}

// like compares with a pattern, in which % stands for any text.
func like(value any, pattern string) bool { return core.Like(fmt.Sprint(value), pattern, "%") }

func in(value any, list string) bool {
	return slices.Contains(strings.Split(list, ","), fmt.Sprint(value))
}

// listing is what a request for a list asks for.
type listing struct {
	limit, offset int
	order         []string
	search        string
	fields        []string // nil: all of them
	total, export bool
	filters       []func(*core.Order) bool
}

// violation is the response to a parameter that breaks a restriction.
func violation(field, message string) *core.Reply {
	r := apiError(http.StatusBadRequest, "ConstraintViolationException", "Constraint violation",
		"violations", []core.Object{{"field": field, "message": message}})
	return &r
}

// parse reads the parameters of a list, which https://dm.realtimeregister.com/docs/api/listings documents.
func (a *API) parse(q url.Values) (l listing, bad *core.Reply) {
	var err error
	if l.limit, err = core.QueryNumber(q, "limit", 10); err != nil || l.limit < 0 || l.limit > maxLimit && !a.Quirk(QuirkCutLimit) {
		return l, violation("limit", "must be a number from 0 to 250")
	}
	l.limit = min(l.limit, maxLimit)
	if l.offset, err = core.QueryNumber(q, "offset", 0); err != nil || l.offset < 0 {
		return l, violation("offset", "must be a number from 0")
	}
	l.total = true
	for name, flag := range map[string]*bool{"total": &l.total, "export": &l.export} {
		if q.Get(name) != "" {
			if *flag, err = strconv.ParseBool(q.Get(name)); err != nil {
				return l, violation(name, "must be a boolean")
			}
		}
	}
	if l.export && (q.Has("limit") || q.Has("offset")) {
		return l, violation("export", "cannot be combined with limit or offset")
	}
	l.search, l.order = strings.ToLower(q.Get("q")), q["order"]
	if q.Get("fields") != "" {
		l.fields = strings.Split(q.Get("fields"), ",")
	} else if l.export {
		l.fields = []string{}
	}
	for name, used := range map[string][]string{"order": l.order, "fields": l.fields} {
		for _, f := range used {
			if !slices.Contains(fields, strings.TrimPrefix(f, "-")) {
				return l, violation(name, "has an unknown field")
			}
		}
	}
	for name := range q {
		if slices.Contains([]string{"limit", "offset", "order", "q", "fields", "total", "export"}, name) {
			continue
		}
		if bad := l.filter(name, q.Get(name)); bad != nil {
			return l, bad
		}
	}
	return l, nil
}

// filter adds a filter. detailStatus is the documented spelling of the filter on statusDetail.
func (l *listing) filter(name, want string) *core.Reply {
	of, matcher, given := strings.Cut(name, ":")
	if of == "detailStatus" {
		of = "statusDetail"
	}
	if !given {
		matcher = "eq"
	}
	match, known := matchers[matcher]
	null := matcher == "null" || matcher == "not_null"
	if !slices.Contains(filterFields, of) || !known && !null {
		r := apiError(http.StatusBadRequest, "UnrecognizedPropertyException", "Unrecognized property", "property", name)
		return &r
	}
	if _, err := time.Parse(time.RFC3339, want); err != nil && slices.Contains(dates, of) && !null {
		return violation(of, "must be a timestamp")
	}
	l.filters = append(l.filters, func(o *core.Order) bool {
		v := field(o, of)
		if null {
			return (v == nil) == (matcher == "null")
		}
		return v != nil && match(v, want)
	})
	return nil
}

// finds tells whether a process is in the list.
func (l *listing) finds(o *core.Order) bool {
	hit := l.search == "" || slices.ContainsFunc(fields, func(name string) bool {
		return strings.Contains(strings.ToLower(fmt.Sprint(field(o, name))), l.search)
	})
	return hit && !slices.ContainsFunc(l.filters, func(f func(*core.Order) bool) bool { return !f(o) })
}

// list returns the list of processes.
func (a *API) list(w http.ResponseWriter, r *http.Request) {
	l, bad := a.parse(r.URL.Query())
	if bad != nil {
		bad.Write(w)
		return
	}
	a.List(Service, l.page).Write(w)
}

// page makes one page of the list of processes.
func (l *listing) page(all []*core.Order) core.Reply {
	var found []*core.Order
	for _, o := range all {
		if l.finds(o) {
			found = append(found, o)
		}
	}
	// The last field first: sorting by a field before it keeps this order among equals.
	for _, name := range slices.Backward(l.order) {
		sortBy(found, name)
	}
	pagination := core.Object{"limit": l.limit, "offset": l.offset}
	if l.total {
		pagination["total"] = len(found)
	}
	response := core.Object{"pagination": pagination}
	if l.export {
		l.limit = len(found)
		delete(pagination, "limit")
		delete(pagination, "offset")
	}
	if l.limit > 0 || l.export {
		entities := []core.Object{}
		for _, o := range core.Slice(found, l.offset, l.limit) {
			entities = append(entities, l.entity(o))
		}
		response["entities"] = entities
	}
	return core.JSON(http.StatusOK, response)
}

// entity is a process with the fields asked for, and its id.
func (l *listing) entity(o *core.Order) core.Object {
	p := view(o)
	if l.fields != nil {
		for name := range p {
			if name != "id" && !slices.Contains(l.fields, name) {
				delete(p, name)
			}
		}
	}
	return p
}

// sortBy sorts by one field, descending after a minus sign.
func sortBy(found []*core.Order, name string) {
	by, descending := strings.CutPrefix(name, "-")
	keys := make(map[*core.Order]string, len(found))
	for _, o := range found {
		keys[o] = sortKey(field(o, by))
	}
	slices.SortStableFunc(found, func(a, b *core.Order) int {
		n := strings.Compare(keys[a], keys[b])
		if descending {
			return -n
		}
		return n
	})
}

// sortKey returns text that sorts as the value does; numbers are padded.
func sortKey(v any) string {
	if id, ok := v.(core.ID); ok {
		return fmt.Sprintf("%20s", id)
	}
	return fmt.Sprint(v)
}

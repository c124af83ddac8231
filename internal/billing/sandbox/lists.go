package sandbox

import (
	"iter"
	"slices"
)

// page answers a list: newest first, of rows that are kept oldest first.
func page[R row, O any](f form, path string, rows []R, keep func(R) bool, render func(R) O) (any, *apiError) {
	limit, fault := f.integer("limit", 10)
	if fault != nil {
		return nil, fault
	}
	if limit < 1 || limit > 100 {
		return nil, invalid("limit", "This value must be between 1 and 100 (inclusive): %d", limit)
	}
	asked, fault := window(f, rows)
	if fault != nil {
		return nil, fault
	}
	data, more := []O{}, false
	for _, r := range asked {
		if !keep(r) {
			continue
		}
		if more = int64(len(data)) == limit; more {
			break
		}
		data = append(data, render(r))
	}
	if f.get("ending_before") != "" {
		slices.Reverse(data)
	}
	return object{"object": "list", "url": path, "has_more": more, "data": data}, nil
}

// window returns the rows after starting_after, newest first, or those before ending_before, nearest first.
func window[R row](f form, rows []R) (iter.Seq2[int, R], *apiError) {
	after, before := f.get("starting_after"), f.get("ending_before")
	at := func(id string) int {
		return slices.IndexFunc(rows, func(r R) bool { return r.rowID() == id })
	}
	switch {
	case after != "" && before != "":
		return nil, invalid("ending_before", "You may only specify one of these parameters: starting_after, ending_before.")
	case after != "":
		i := at(after)
		if i < 0 {
			return nil, missing("object", after, "starting_after")
		}
		return slices.Backward(rows[:i]), nil
	case before != "":
		i := at(before)
		if i < 0 {
			return nil, missing("object", before, "ending_before")
		}
		return slices.All(rows[i+1:]), nil
	}
	return slices.Backward(rows), nil
}

type comparison struct {
	key   string
	holds func(created, bound int64) bool
}

func comparisons() []comparison {
	return []comparison{
		{"created", func(c, b int64) bool { return c == b }},
		{"created[gt]", func(c, b int64) bool { return c > b }},
		{"created[gte]", func(c, b int64) bool { return c >= b }},
		{"created[lt]", func(c, b int64) bool { return c < b }},
		{"created[lte]", func(c, b int64) bool { return c <= b }},
	}
}

// created reads the filter on times of creation: a number, or gt, gte, lt and lte.
func (f form) created() (func(int64) bool, *apiError) {
	var tests []func(int64) bool
	for _, c := range comparisons() {
		if !f.has(c.key) {
			continue
		}
		bound, fault := f.integer(c.key, 0)
		if fault != nil {
			return nil, fault
		}
		tests = append(tests, func(created int64) bool { return c.holds(created, bound) })
	}
	return func(created int64) bool {
		for _, holds := range tests {
			if !holds(created) {
				return false
			}
		}
		return true
	}, nil
}

func listParams(more ...string) []string {
	return append(more, "limit", "starting_after", "ending_before", "created", "created[gt]", "created[gte]", "created[lt]", "created[lte]")
}

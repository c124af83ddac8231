package sandbox

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// object is a JSON object of the API.
type object = map[string]any

// null turns a zero value into JSON's null.
func null[T comparable](value T) any {
	var zero T
	if value == zero {
		return nil
	}
	return value
}

func metadata(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

// expansion is the tree of what a request wants to see in full instead of as an id.
type expansion map[string]expansion

// expandable says for each kind of object which of its fields can be expanded, and to what.
func expandable() map[string]map[string]string {
	return map[string]map[string]string{
		"subscription": {"customer": "customer", "latest_invoice": "invoice", "default_payment_method": "", "pending_setup_intent": "", "schedule": ""},
		"invoice":      {"customer": "customer", "subscription": "subscription", "payment_intent": "payment_intent", "charge": ""},
		"session":      {"customer": "customer", "subscription": "subscription", "invoice": "invoice", "line_items": "", "payment_intent": ""},
		"customer":     {"subscriptions": "", "default_source": ""},
		"price":        {"product": ""},
	}
}

// expansions reads expand[], which must name fields of the kind; in lists each begins with "data.".
func (f form) expansions(kind string, list bool) (expansion, *apiError) {
	tree := expansion{}
	for _, path := range f.list("expand") {
		rest, inList := strings.CutPrefix(path, "data.")
		if inList != list {
			return nil, invalid("expand", "This property cannot be expanded (%s).", path)
		}
		at, node := kind, tree
		for name := range strings.SplitSeq(rest, ".") {
			next, ok := expandable()[at][name]
			if !ok {
				return nil, invalid("expand", "This property cannot be expanded (%s).", path)
			}
			if node[name] == nil {
				node[name] = expansion{}
			}
			at, node = next, node[name]
		}
	}
	return tree, nil
}

// reference is an id, or the object where the request wants it.
func (e expansion) reference(field, id string, render func(expansion) object) any {
	if id == "" {
		return nil
	}
	if inner, ok := e[field]; ok {
		return render(inner)
	}
	return id
}

// difference returns what changed, with the values from before: previous_attributes of an event.
func difference(before, after object) object {
	previous := object{}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if !same(before[name], after[name]) {
			previous[name] = before[name]
		}
	}
	return previous
}

// same compares values of objects, which are numbers, strings, maps and lists of them.
func same(a, b any) bool { return reflect.DeepEqual(a, b) }

package sandbox

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// form holds the parameters of a request: Stripe mixes those of the query and of the body, whatever the method.
type form url.Values

func parseForm(r *http.Request, body []byte) (form, error) {
	values := r.URL.Query()
	inBody, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	for key, list := range inBody {
		values[key] = append(values[key], list...)
	}
	return form(values), nil
}

func (f form) get(key string) string { return url.Values(f).Get(key) }

func (f form) has(key string) bool { return url.Values(f).Has(key) }

func (f form) keys() []string { return slices.Sorted(maps.Keys(f)) }

var position = regexp.MustCompile(`\[\d+\]`)

// only refuses parameters that are not among the known; "items[][price]" means any position, "metadata[*]" any key.
func (f form) only(known ...string) *apiError {
	for _, key := range f.keys() {
		general := position.ReplaceAllString(key, "[]")
		name, rest, _ := strings.Cut(key, "[")
		if slices.Contains(known, general) || general == "expand[]" || rest != "" && slices.Contains(known, name+"[*]") {
			continue
		}
		if cut := strings.LastIndex(key, "["); cut > 0 && slices.Contains(known, position.ReplaceAllString(key[:cut], "[]")+"[*]") {
			continue
		}
		return notModelled(key)
	}
	return nil
}

func (f form) required(keys ...string) *apiError {
	for _, key := range keys {
		if f.get(key) == "" {
			return missingParam(key)
		}
	}
	return nil
}

// integer returns a number, or the default where the parameter is absent or empty.
func (f form) integer(key string, absent int64) (int64, *apiError) {
	value := f.get(key)
	if value == "" {
		return absent, nil
	}
	number, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return 0, invalid(key, "Invalid integer: %s", value)
	}
	return number, nil
}

func (f form) boolean(key string, absent bool) (bool, *apiError) {
	switch value := f.get(key); value {
	case "":
		return absent, nil
	case "true", "false":
		return value == "true", nil
	default:
		return false, invalid(key, "Invalid boolean: %s", value)
	}
}

func (f form) choice(key, absent string, allowed ...string) (string, *apiError) {
	value := f.get(key)
	if value == "" {
		return absent, nil
	}
	if value != absent && !slices.Contains(allowed, value) {
		return "", invalid(key, "Invalid %s: must be one of %s", key, strings.Join(allowed, ", "))
	}
	return value, nil
}

// list returns the values of key[] and key[0], key[1] ...
func (f form) list(key string) []string {
	values := slices.Clone(f[key+"[]"])
	for i := 0; f.has(at(key, i, "")); i++ {
		values = append(values, f.get(at(key, i, "")))
	}
	return values
}

// at names a parameter of a list: at("items", 0, "price") is items[0][price].
func at(key string, i int, field string) string {
	key += "[" + strconv.Itoa(i) + "]"
	if field != "" {
		key += "[" + field + "]"
	}
	return key
}

// positions returns the positions that a list of objects has, in order.
func (f form) positions(key string) []int {
	var found []int
	for name := range f {
		rest, ok := strings.CutPrefix(name, key+"[")
		if !ok {
			continue
		}
		number, _, _ := strings.Cut(rest, "]")
		if i, err := strconv.Atoi(number); err == nil && !slices.Contains(found, i) {
			found = append(found, i)
		}
	}
	slices.Sort(found)
	return found
}

// pairs returns a hash such as metadata; an empty value means that the key goes.
func (f form) pairs(key string) map[string]string {
	found := map[string]string{}
	for name := range f {
		if rest, ok := strings.CutPrefix(name, key+"["); ok && strings.HasSuffix(rest, "]") && !strings.Contains(rest, "[") {
			found[strings.TrimSuffix(rest, "]")] = f.get(name)
		}
	}
	return found
}

// merge changes metadata in Stripe's way.
func merge(metadata, changes map[string]string) map[string]string {
	merged := map[string]string{}
	for key, value := range metadata {
		merged[key] = value
	}
	for key, value := range changes {
		if value == "" {
			delete(merged, key)
			continue
		}
		merged[key] = value
	}
	return merged
}

func dashes(code string) string { return strings.ReplaceAll(code, "_", "-") }

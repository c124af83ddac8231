package hooks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	validation "github.com/go-ozzo/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
)

// bindJSON reads a JSON object into dst, a pointer to a struct with json tags. It refuses what the struct does not
// have: fields in readOnly as not_updatable, others as unknown_field.
func bindJSON(e *core.RequestEvent, dst any, readOnly []string) error {
	if mediaType, _, _ := mime.ParseMediaType(e.Request.Header.Get("Content-Type")); mediaType != "application/json" {
		return fmt.Errorf("%w: send application/json", errMediaType)
	}
	body, err := io.ReadAll(e.Request.Body)
	if err != nil {
		return fmt.Errorf("read body: %w", err)
	}
	names, err := objectNames(body)
	if err != nil {
		return fmt.Errorf("%w: %w", errInvalidJSON, err)
	}
	known := jsonNames(dst)
	problems := validation.Errors{}
	for _, name := range names {
		switch {
		case slices.Contains(known, name):
		case slices.Contains(readOnly, name):
			problems[name] = validation.NewError("not_updatable", "This field cannot be changed here.")
		default:
			problems[name] = validation.NewError("unknown_field", "There is no such field; there are "+strings.Join(known, ", ")+".")
		}
	}
	if len(problems) > 0 {
		return problems
	}
	return decode(body, dst)
}

// bindOptionalJSON does the same for a body that may be left out.
func bindOptionalJSON(e *core.RequestEvent, dst any) error {
	if e.Request.ContentLength == 0 {
		return nil
	}
	return bindJSON(e, dst, nil)
}

// maxNames is how many fields an object may have; each unknown one costs a line of the answer.
const maxNames = 100

// objectNames lists the names of the fields of a JSON object, and fails for anything else: invalid JSON or UTF-8, other
// values, text behind the object, more than maxNames names, and a name that stands twice, of which readers would disagree
// which one holds.
func objectNames(body []byte) ([]string, error) {
	if !utf8.Valid(body) || !json.Valid(body) {
		return nil, errors.New("not valid")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("not an object")
	}
	var names []string
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		if slices.Contains(names, name.(string)) {
			return nil, fmt.Errorf("%s stands twice", name)
		}
		if len(names) == maxNames {
			return nil, fmt.Errorf("more than %d fields", maxNames)
		}
		names = append(names, name.(string))
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// sentNames lists the names of the fields that a request to PocketBase's own API carries, in whichever form it carries
// them, before PocketBase drops or renames any. Its body has been read and can be read again.
func sentNames(e *core.RequestEvent) ([]string, error) {
	if form := e.Request.MultipartForm; form != nil {
		return slices.Concat(slices.Collect(maps.Keys(form.File)), slices.Collect(maps.Keys(form.Value))), nil
	}
	if len(e.Request.PostForm) > 0 {
		return slices.Collect(maps.Keys(e.Request.PostForm)), nil
	}
	body, err := io.ReadAll(e.Request.Body)
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return nil, e.BadRequestError("The body must be one JSON object.", err)
	}
	return slices.Collect(maps.Keys(fields)), nil
}

// decode reads the fields, of which each has a place in dst.
func decode(body []byte, dst any) error {
	err := json.NewDecoder(bytes.NewReader(body)).Decode(dst)
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		return validation.Errors{wrongType.Field: validation.NewError("validation_invalid_type", "Must be "+typeName(wrongType.Type)+".")}
	}
	return err
}

func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "text or null"
	case reflect.Bool:
		return "true or false"
	default:
		return "a number"
	}
}

// jsonNames lists the json names of the fields of a struct or a pointer to one, in their order.
func jsonNames(v any) []string {
	t := reflect.TypeOf(v)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	names := make([]string, 0, t.NumField())
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

// optional is a field that may be absent, null or text.
type optional struct{ value *string } // nil: absent; null reads as ""

// text is the value, "" where there is none.
func (o optional) text() string {
	if o.value == nil {
		return ""
	}
	return *o.value
}

// UnmarshalJSON implements json.Unmarshaler; it runs for null too, and not at all for an absent field.
func (o *optional) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	o.value = &text
	return nil
}

// respond writes v as JSON, or 304 when the client has it already. Clients ask again each time (no-cache), so that a
// change shows at once.
func respond(e *core.RequestEvent, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode response: %w", err)
	}
	return respondBytes(e, "application/json", body)
}

// respondNow writes v as JSON that nobody keeps.
func respondNow(e *core.RequestEvent, status int, v any) error {
	e.Response.Header().Set("Cache-Control", "no-store")
	return e.JSON(status, v)
}

// respondBytes does the same for a body that is ready.
func respondBytes(e *core.RequestEvent, contentType string, body []byte) error {
	sum := fnv.New64a()
	sum.Write(body)
	etag := `"` + strconv.FormatUint(sum.Sum64(), 36) + `"`
	return respondTagged(e, etag, contentType, func() ([]byte, error) { return body, nil })
}

// respondTagged does the same for a body that its tag is known of before, and that is only needed when the client has another.
func respondTagged(e *core.RequestEvent, etag, contentType string, body func() ([]byte, error)) error {
	if onlyReads(e.Request.Method) && matches(e.Request.Header.Get("If-None-Match"), etag) {
		setTag(e.Response.Header(), etag)
		return e.NoContent(http.StatusNotModified)
	}
	content, err := body()
	if err != nil {
		return err
	}
	setTag(e.Response.Header(), etag)
	e.Response.Header().Set("Content-Length", strconv.Itoa(len(content))) // or a large body would be sent in chunks
	return e.Blob(http.StatusOK, contentType, content)
}

func setTag(header http.Header, etag string) {
	header.Set("Cache-Control", "private, no-cache")
	header.Set("ETag", etag)
	header.Add("Vary", "Authorization")
}

func onlyReads(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// matches implements If-None-Match for one strong tag; proxies may have made it weak.
func matches(header, etag string) bool {
	for candidate := range strings.SplitSeq(header, ",") {
		candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
		if candidate == etag || candidate == "*" {
			return true
		}
	}
	return false
}

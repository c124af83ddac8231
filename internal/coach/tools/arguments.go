package tools

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	validation "github.com/go-ozzo/ozzo-validation/v4"

	"github.com/cragbase/cragbase/internal/analytics"
	"github.com/cragbase/cragbase/internal/climb"
)

// parameter is an argument that a tool takes.
type parameter struct {
	name, description string
	words             []string // what it may be; nil: any text
	list              bool     // several of the words
	most              int      // a whole number from 1 to most; 0: it is none
	required          bool
}

// arguments are the values that were given, as text: lists with commas between the words.
type arguments map[string]string

// String is the same for the same arguments.
func (a arguments) String() string {
	text, _ := json.Marshal(a) // a map of strings always encodes, its keys in order
	return string(text)
}

// number is a whole number, or what it is when it was not given.
func (a arguments) number(name string, otherwise int) int {
	if value, ok := a[name]; ok {
		otherwise, _ = strconv.Atoi(value) // read checked it
	}
	return otherwise
}

// words are those of a list; nil when it was not given.
func (a arguments) words(name string) []string {
	if a[name] == "" {
		return nil
	}
	return strings.Split(a[name], ",")
}

// wrong is what is wrong with arguments, for the model.
type wrong string

func (w wrong) Error() string { return string(w) }

const (
	maxArguments = 4_000 // bytes
	maxArgument  = 200   // bytes of one text
)

// read checks the arguments of a call. The error tells the model what it may ask for.
func (s *spec) read(raw json.RawMessage) (arguments, error) {
	given := map[string]json.RawMessage{}
	if len(raw) > maxArguments {
		return nil, s.refuse([]string{"the arguments are too long"})
	}
	if text := strings.TrimSpace(string(raw)); text != "" && json.Unmarshal(raw, &given) != nil {
		return nil, s.refuse([]string{"the arguments must be one JSON object"})
	}
	read := arguments{}
	var problems []string
	for _, name := range slices.Sorted(maps.Keys(given)) {
		i := slices.IndexFunc(s.parameters, func(p parameter) bool { return p.name == name })
		if i < 0 {
			problems = append(problems, fmt.Sprintf("there is no argument %.40q", name))
			continue
		}
		value, ok := s.parameters[i].read(given[name])
		switch {
		case !ok:
			problems = append(problems, s.parameters[i].must())
		case value != "":
			read[name] = value
		}
	}
	for _, p := range s.parameters {
		if _, ok := given[p.name]; p.required && !ok {
			problems = append(problems, p.name+" is required")
		}
	}
	if len(problems) > 0 {
		return nil, s.refuse(problems)
	}
	return read, nil
}

// refuse says what is wrong with arguments and which there are.
func (s *spec) refuse(problems []string) error {
	var names []string
	for _, p := range s.parameters {
		names = append(names, p.name)
	}
	allowed := "it takes no arguments"
	if len(names) > 0 {
		allowed = "its arguments are " + strings.Join(names, ", ")
	}
	return wrong(fmt.Sprintf("%s: %s; %s.", s.name, strings.Join(problems, "; "), allowed))
}

// read is the value of an argument as text; null and "" are none.
func (p *parameter) read(raw json.RawMessage) (value string, ok bool) {
	var given any
	if json.Unmarshal(raw, &given) != nil {
		return "", false
	}
	switch given := given.(type) {
	case nil:
		return "", !p.required
	case float64:
		return p.number(strconv.FormatFloat(given, 'f', -1, 64))
	case string:
		return p.text(given)
	case []any:
		var words []string
		for _, word := range given {
			text, isText := word.(string)
			if !isText || !p.list {
				return "", false
			}
			words = append(words, text)
		}
		return p.text(strings.Join(words, ","))
	}
	return "", false
}

func (p *parameter) text(text string) (string, bool) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "", !p.required
	case len(text) > maxArgument:
		return "", false
	case p.most > 0:
		return p.number(text)
	case p.words == nil:
		return text, true
	case !p.list:
		text = strings.ToLower(text)
		return text, slices.Contains(p.words, text)
	}
	return p.several(strings.Split(strings.ToLower(text), ","))
}

// several brings words in their order, each once.
func (p *parameter) several(given []string) (string, bool) {
	asked := map[string]bool{}
	for _, word := range given {
		word = strings.TrimSpace(word)
		if !slices.Contains(p.words, word) {
			return "", false
		}
		asked[word] = true
	}
	var list []string
	for _, word := range p.words {
		if asked[word] {
			list = append(list, word)
		}
	}
	return strings.Join(list, ","), true
}

func (p *parameter) number(text string) (string, bool) {
	n, err := strconv.Atoi(text)
	return strconv.Itoa(n), err == nil && n >= 1 && n <= p.most
}

// must says what an argument may be.
func (p *parameter) must() string {
	switch {
	case p.most > 0:
		return fmt.Sprintf("%s must be a whole number from 1 to %d", p.name, p.most)
	case p.list:
		return fmt.Sprintf("%s must be a list of some of %s", p.name, strings.Join(p.words, ", "))
	case p.words != nil:
		return fmt.Sprintf("%s must be one of %s", p.name, strings.Join(p.words, ", "))
	}
	return fmt.Sprintf("%s must be a text of at most %d bytes", p.name, maxArgument)
}

// sentences are the problems of a filter, by the names of its parameters.
func sentences(problems validation.Errors) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(problems)) {
		list = append(list, name+": "+strings.TrimSuffix(problems[name].Error(), "."))
	}
	return list
}

// schema is the JSON Schema of the arguments.
func (s *spec) schema() json.RawMessage {
	properties, required := map[string]any{}, []string{}
	for _, p := range s.parameters {
		properties[p.name] = p.schema()
		if p.required {
			required = append(required, p.name)
		}
	}
	schema := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		schema["required"] = required
	}
	text, _ := json.Marshal(schema) // maps of strings and numbers always encode
	return text
}

func (p *parameter) schema() map[string]any {
	word := map[string]any{"type": "string"}
	if p.words != nil {
		word["enum"] = p.words
	}
	schema := word
	switch {
	case p.most > 0:
		schema = map[string]any{"type": "integer", "minimum": 1, "maximum": p.most}
	case p.list:
		schema = map[string]any{"type": "array", "items": word}
	}
	if p.description != "" {
		schema["description"] = p.description
	}
	return schema
}

// The parameters that several tools have.

func disciplineParameter() parameter {
	return parameter{name: "discipline", words: words(climb.AllDisciplines())}
}

func fromParameter() parameter {
	return parameter{name: "from", description: "first day, YYYY-MM-DD; without it from the first tick on"}
}

func toParameter() parameter {
	return parameter{name: "to", description: "last day, YYYY-MM-DD; without it up to the last tick"}
}

func scaleParameter() parameter {
	return parameter{name: "scale", description: "of the grades; without it the one that the logbook uses most", words: words(analytics.ScaleNames())}
}

func words[T ~string](list []T) []string {
	var all []string
	for _, word := range list {
		all = append(all, string(word))
	}
	return all
}

// filter is what the arguments of these names ask of a chart.
func (l *look) filter(a arguments, names ...string) (analytics.Filter, error) {
	query := url.Values{}
	for _, name := range names {
		if value, ok := a[name]; ok {
			query.Set(name, value)
		}
	}
	filter, err := analytics.ParseFilter(query, "goal", "goal_grade")
	if err != nil {
		return analytics.Filter{}, err
	}
	extent, err := l.extent()
	if err != nil {
		return analytics.Filter{}, err
	}
	filter.Usual, filter.Today = extent.Usual, l.today()
	return filter, nil
}

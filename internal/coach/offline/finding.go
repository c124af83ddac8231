package offline

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/cragbase/cragbase/internal/climb"
)

// finding is a part of an answer. Its texts are plain: what of a logbook is in them is escaped when they become Markdown.
type finding struct {
	title, text string
	figures     []Figure
}

// Figure is a number or a grade with its name.
type Figure struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

func (f *finding) add(label, format string, values ...any) {
	f.figures = append(f.figures, Figure{label, fmt.Sprintf(format, values...)})
}

// markdown writes a finding as a heading, a paragraph and a list.
func (f *finding) markdown() string {
	var text strings.Builder
	fmt.Fprintf(&text, "### %s\n\n%s\n\n", escape(f.title), escape(f.text))
	for _, figure := range f.figures {
		fmt.Fprintf(&text, "- **%s**: %s\n", escape(figure.Label), escape(figure.Value))
	}
	if len(f.figures) > 0 {
		text.WriteByte('\n')
	}
	return text.String()
}

// escape keeps Markdown from seeing anything in a text: neither marks, nor HTML, nor what looks like an address.
func escape(text string) string {
	var escaped strings.Builder
	for i, r := range text {
		switch {
		case strings.ContainsRune("\\`*_[]<|~&@", r), r == ':' && strings.HasPrefix(text[i:], "://"),
			r == '.' && strings.HasSuffix(strings.ToLower(text[:i]), "www"):
			escaped.WriteByte('\\')
		}
		escaped.WriteRune(r)
	}
	return escaped.String()
}

// count writes a number of things.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

// thousands writes a number with commas.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// date writes YYYY-MM-DD as 2 May 2026.
func date(text string) string {
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return text
	}
	return at.Format("2 January 2006")
}

// list joins words: a, b and c.
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// named is a discipline as a climber says it.
func named(d climb.Discipline) string {
	switch d {
	case climb.TopRope:
		return "top-rope"
	case climb.Boulder:
		return "bouldering"
	}
	return string(d)
}

// discipline has the words of one.
type discipline struct{ one, many, firstGo, worked string }

// nouns are what climbers of a discipline climb, and what they call a send at the first go and one that took work.
func nouns(d climb.Discipline) discipline {
	if d == climb.Boulder {
		return discipline{"boulder", "boulders", "Flash", "send"}
	}
	return discipline{"route", "routes", "Onsight", "redpoint"}
}

// climbs counts what is climbed in a discipline.
func climbs(n int, d climb.Discipline) string { return count(n, nouns(d).one, nouns(d).many) }

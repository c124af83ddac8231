package notice

import (
	"bytes"
	"embed"
	"fmt"
	htmltemplate "html/template"
	"net/url"
	"strings"
	"sync"
	texttemplate "text/template"
	"time"
	"unicode"
)

//go:embed templates
var files embed.FS

// Site is the product as its mails name it.
type Site struct {
	Name string
	URL  string // of the web app, with or without a trailing slash
}

// Mail is a message in words.
type Mail struct {
	Subject string // one line
	HTML    string // a whole document
	Text    string
}

// Render writes a message to the user of the given name. Every value is escaped for where it stands.
func Render(site Site, username string, message Message) (Mail, error) {
	parts, known := templates()[message.Kind()]
	if !known {
		return Mail{}, fmt.Errorf("no templates for notice %q", message.Kind())
	}
	site.URL = strings.TrimRight(site.URL, "/")
	p := page{Site: site, Username: oneLine(username), Message: message}
	subject, err := parts.execute("subject", p)
	if err != nil {
		return Mail{}, err
	}
	if p.Subject = subject; hasControl(subject) {
		return Mail{}, fmt.Errorf("the subject of notice %s is more than one line", message.Kind())
	}
	text, err := parts.execute("layout.txt", p)
	if err != nil {
		return Mail{}, err
	}
	var html bytes.Buffer
	if err := parts.html.ExecuteTemplate(&html, "layout.html", p); err != nil {
		return Mail{}, fmt.Errorf("render notice: %w", err)
	}
	return Mail{Subject: subject, HTML: html.String(), Text: text + "\n"}, nil
}

// page is what the templates see.
type page struct {
	Site     Site
	Username string
	Subject  string
	Message  Message
}

// Link is the address of a page of the web app.
func (p page) Link(path string) string { return p.Site.URL + path }

// SecretLink is the address of a page of the web app with a token.
func (p page) SecretLink(path, token string) string {
	return p.Link(path) + "?" + url.Values{"token": {token}}.Encode()
}

// parts are the two parts of one message, each within the layout.
type parts struct {
	html *htmltemplate.Template
	text *texttemplate.Template // also defines the subject
}

func (p parts) execute(name string, data page) (string, error) {
	var b strings.Builder
	if err := p.text.ExecuteTemplate(&b, name, data); err != nil {
		return "", fmt.Errorf("render notice: %w", err)
	}
	return strings.TrimSpace(b.String()), nil
}

// templates are parsed once. That they parse does not depend on anything but this package, and its tests render all.
var templates = sync.OnceValue(func() map[Kind]parts {
	functions := map[string]any{"utc": utc, "line": oneLine, "button": newButton}
	html := htmltemplate.Must(htmltemplate.New("").Funcs(functions).ParseFS(files, "templates/layout.html"))
	text := texttemplate.Must(texttemplate.New("").Funcs(functions).ParseFS(files, "templates/layout.txt"))
	all := map[Kind]parts{}
	for _, kind := range Kinds() {
		file := "templates/" + string(kind)
		all[kind] = parts{
			html: htmltemplate.Must(htmltemplate.Must(html.Clone()).ParseFS(files, file+".html")),
			text: texttemplate.Must(texttemplate.Must(text.Clone()).ParseFS(files, file+".txt")),
		}
	}
	return all
})

// button is a link that the mail wants to be followed.
type button struct{ Label, Address string }

func newButton(label, address string) button { return button{label, address} }

// utc is a time in words: Monday, 23 November 2026 at 08:00 UTC.
func utc(t time.Time) string { return t.UTC().Format("Monday, 2 January 2006 at 15:04 MST") }

// oneLine keeps a value from breaking out of its line in the text part or the subject.
func oneLine(value string) string {
	return strings.Join(strings.FieldsFunc(value, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }), " ")
}

// hasControl reports whether a header with this value could become two.
func hasControl(value string) bool { return strings.ContainsFunc(value, unicode.IsControl) }

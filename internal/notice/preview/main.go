// Preview writes every mail with example data into a folder, as HTML and text, with an index to look through them.
package main

import (
	"flag"
	"fmt"
	"html/template"
	"os"
	"path/filepath"

	"github.com/cragbase/cragbase/internal/notice"
	"github.com/cragbase/cragbase/internal/notice/example"
)

func main() {
	out := flag.String("out", "", "the folder to write into; it is made when it is missing")
	flag.Parse()
	if *out == "" {
		flag.Usage()
		os.Exit(2)
	}
	if err := write(*out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// entry is a line of the index.
type entry struct{ Name, Subject string }

func write(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	var entries []entry
	for _, e := range example.All() {
		mail, err := notice.Render(example.Site(), example.Username, e.Message)
		if err != nil {
			return err
		}
		for name, content := range map[string]string{e.Name + ".html": mail.HTML, e.Name + ".txt": mail.Text} {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o644); err != nil {
				return err
			}
		}
		entries = append(entries, entry{e.Name, mail.Subject})
	}
	return writeIndex(filepath.Join(folder, "index.html"), entries)
}

func writeIndex(path string, entries []entry) error {
	index, err := template.New("index").Parse(indexPage)
	if err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := index.Execute(file, entries); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}

const indexPage = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Mails</title>
<body style="font-family:system-ui,sans-serif;margin:2rem">
<h1>Mails</h1>
{{range .}}<p><a href="{{.Name}}.html">{{.Subject}}</a> &nbsp; {{.Name}} &nbsp; <a href="{{.Name}}.txt">text</a></p>
{{end}}</body></html>
`

// Oracle says what package climb makes of grades, for the test that holds it against OpenBeta's sandbag library: it reads
// questions as lines of JSON and writes an answer in JSON to each. Only that test runs it.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/cragbase/cragbase/internal/climb"
)

func main() {
	if err := answerAll(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// question is about a grade of a system, or, without a grade, about the system.
type question struct {
	System climb.System `json:"system"`
	Grade  string       `json:"grade"`
}

// bin is a grade of a system with its first and its last score.
type bin struct {
	Label string `json:"label"`
	Low   int    `json:"low"`
	High  int    `json:"high"`
}

// answer has the bins of a system, or the scores of a grade and what it is in every system that has it.
type answer struct {
	Bins  []bin                   `json:"bins,omitempty"`
	Known bool                    `json:"known"`
	Low   int                     `json:"low"`
	High  int                     `json:"high"`
	In    map[climb.System]string `json:"in,omitempty"`
}

func answerAll(in io.Reader, out io.Writer) error {
	questions, answers := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var q question
		switch err := questions.Decode(&q); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := answers.Encode(answerTo(q)); err != nil {
			return err
		}
	}
}

func answerTo(q question) answer {
	if q.Grade == "" {
		return answer{Bins: bins(q.System)}
	}
	grade, err := climb.ParseGrade(q.Grade, q.System)
	if err != nil {
		return answer{}
	}
	a := answer{Known: true, Low: grade.Low, High: grade.High, In: map[climb.System]string{}}
	for _, system := range systems() {
		if text, ok := climb.Convert(grade, system); ok {
			a.In[system] = text
		}
	}
	return a
}

func bins(system climb.System) []bin {
	var list []bin
	for _, b := range climb.Bins(system) {
		list = append(list, bin{b.Label, b.Low, b.High})
	}
	return list
}

// systems are those that sandbag has too.
func systems() []climb.System {
	return []climb.System{
		climb.YDS, climb.French, climb.UIAA, climb.Ewbank, climb.Saxon, climb.Norwegian, climb.BrazilianCrux,
		climb.V, climb.Font, climb.WI, climb.AI, climb.SystemAid,
	}
}

package tools_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cragbase/cragbase/internal/coach"
	"github.com/cragbase/cragbase/internal/coach/tools"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// What a tool does not take it refuses, with words that a model can go on from.
func TestArgumentsAreRefused(t *testing.T) {
	t.Parallel()
	all := tools.For(climber(t, example(t)), pbtest.OwnerID, today)
	for _, test := range []struct{ tool, arguments, want string }{
		{tools.GetProfile, `{"user":"stranger0000001"}`, `get_profile: there is no argument "user"; it takes no arguments.`},
		{tools.ListProjects, `{"user_id":"x","limit":3}`, `list_projects: there is no argument "user_id"; its arguments are discipline, scale, limit.`},
		{tools.ListProjects, `{"limit":31}`, "limit must be a whole number from 1 to 30"},
		{tools.ListProjects, `{"limit":2.5}`, "limit must be a whole number from 1 to 30"},
		{tools.ListProjects, `{"limit":0}`, "limit must be a whole number from 1 to 30"},
		{tools.ListProjects, `{"discipline":"bouldering"}`, "discipline must be one of sport, trad, boulder, tr, alpine, ice, mixed, aid"},
		{tools.ListProjects, `{"discipline":["sport"]}`, "discipline must be one of"},
		{tools.ListProjects, `{"discipline":{"$ne":""}}`, "discipline must be one of"},
		{tools.ListProjects, `{"discipline":true}`, "discipline must be one of"},
		{tools.QueryTicks, `{"fields":["date","user"]}`, "fields must be a list of some of date, route"},
		{tools.QueryTicks, `{"fields":[1]}`, "fields must be a list of some of date, route"},
		{tools.QueryTicks, `{"from":"yesterday"}`, "from: Must be a day such as 2026-11-23"},
		{tools.QueryTicks, `{"from":"2026-02-01","to":"2026-01-01"}`, "from must not be after to"},
		{tools.QueryTicks, `{"grade_min":"very hard"}`, "grade_min: Must be a grade such as 5.11a, 7a, V5 or 7A"},
		{tools.QueryTicks, `{"area":"` + strings.Repeat("a", 201) + `"}`, "area must be a text of at most 200 bytes"},
		{tools.QueryTicks, `{"area":"` + strings.Repeat("a", 4001) + `"}`, "the arguments are too long"},
		{tools.QueryTicks, `[]`, "the arguments must be one JSON object"},
		{tools.QueryTicks, `{"limit":1} {"limit":2}`, "the arguments must be one JSON object"},
		{tools.GetPyramid, `{"discipline":"sport","scale":"font"}`, "scale: sport is not graded in font"},
		{tools.GetPyramid, `{"style":"attempt"}`, "style must be a list of some of onsight, flash, send, redpoint, pinkpoint"},
		{tools.GetProgression, `{"bucket":"week"}`, "bucket must be one of season, month"},
		{tools.ComparePeriods, `{"a":"2025"}`, "b is required"},
		{tools.ComparePeriods, `{"a":"2025","b":""}`, "b must be"},
		{tools.ComparePeriods, `{"a":"2025","b":"last summer"}`, "b must be a period such as 2026, 2026-03"},
		{tools.ComparePeriods, `{"a":"2025","b":"2026-03-02..2026-03-01"}`, "b must be a period such as"},
		{tools.ComparePeriods, `{"a":"2025","b":"last_0_days"}`, "b must be a period such as"},
	} {
		result, err := tool(t, all, test.tool).Run(t.Context(), json.RawMessage(test.arguments))
		if err == nil || errors.Is(err, coach.ErrInternal) || !strings.Contains(err.Error(), test.want) || result.JSON != nil {
			t.Errorf("%s %.80s: %s, %v", test.tool, test.arguments, result.JSON, err)
		}
	}
}

// Models leave arguments empty in different ways, and write numbers as texts.
func TestArgumentsThatAreNotGiven(t *testing.T) {
	t.Parallel()
	all := tools.For(climber(t, example(t)), pbtest.OwnerID, today)
	list := tool(t, all, tools.ListProjects)
	want, err := list.Run(t.Context(), json.RawMessage(`{"limit":15}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, arguments := range []string{"", "  ", "{}", "null", `{"discipline":null}`, `{"discipline":"","limit":"15"}`} {
		if got, err := list.Run(t.Context(), json.RawMessage(arguments)); err != nil || string(got.JSON) != string(want.JSON) {
			t.Errorf("%q: %s, %v", arguments, got.JSON, err)
		}
	}
}

// What a schema says is what is taken.
func TestSchemas(t *testing.T) {
	t.Parallel()
	for _, one := range tools.For(pbtest.New(t), pbtest.OwnerID, today) {
		var schema struct {
			Type       string
			Properties map[string]struct {
				Type  string
				Enum  []string
				Items struct{ Enum []string }
			}
			Required             []string
			AdditionalProperties *bool
		}
		if err := json.Unmarshal(one.Parameters, &schema); err != nil || schema.Type != "object" || schema.AdditionalProperties == nil || *schema.AdditionalProperties {
			t.Errorf("%s: %v in %s", one.Name, err, one.Parameters)
		}
		if len(one.Description) < 40 {
			t.Errorf("%s: description %q", one.Name, one.Description)
		}
		for name, property := range schema.Properties {
			for _, word := range append(property.Enum, property.Items.Enum...) {
				arguments := map[string]any{name: word}
				for _, other := range schema.Required {
					if other != name {
						arguments[other] = "2026"
					}
				}
				if property.Type == "array" {
					arguments[name] = []string{word}
				}
				text, _ := json.Marshal(arguments)
				if _, err := one.Run(t.Context(), text); err != nil {
					t.Errorf("%s %s: %v", one.Name, text, err)
				}
			}
		}
	}
}

// Failures that are none of the model's are told apart from wrong arguments.
func TestFailures(t *testing.T) {
	t.Parallel()
	app := climber(t, example(t))
	all := tools.For(app, pbtest.OwnerID, today)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := all[0].Run(ended, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("after its context has ended: %v", err)
	}
	if _, err := app.NonconcurrentDB().NewQuery("ALTER TABLE ticks RENAME TO gone").Execute(); err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		arguments := `{}`
		if one.Name == tools.ComparePeriods {
			arguments = `{"a":"2025","b":"2026"}`
		}
		if _, err := one.Run(t.Context(), json.RawMessage(arguments)); !errors.Is(err, coach.ErrInternal) {
			t.Errorf("%s without a table: %v", one.Name, err)
		}
	}
	if _, err := tools.Profile(app, pbtest.OwnerID, today); err == nil {
		t.Error("a profile without a table")
	}
}

// A tool is safe from several conversations of its user at once.
func TestToolsRunAtOnce(t *testing.T) {
	t.Parallel()
	kit, err := tools.New()
	if err != nil {
		t.Fatal(err)
	}
	all := kit.For(climber(t, example(t)), pbtest.OwnerID, today)
	results := make(chan string)
	for range 8 {
		go func() {
			result, err := tool(t, all, tools.GetPyramid).Run(context.WithoutCancel(t.Context()), nil)
			results <- fmt.Sprint(string(result.JSON), err)
		}()
	}
	first := <-results
	for range 7 {
		if other := <-results; other != first {
			t.Errorf("%s\n%s", first, other)
		}
	}
}

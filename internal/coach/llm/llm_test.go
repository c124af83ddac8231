package llm_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	fake "github.com/cragbase/cragbase/internal/coach/fakemodel"
	"github.com/cragbase/cragbase/internal/coach/llm"
)

// What cannot work is refused before anything is asked.
func TestConfig(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]llm.Config{
		"no model":         {BaseURL: "http://127.0.0.1:11434/v1"},
		"no URL":           {BaseURL: "127.0.0.1:11434", Model: "m"},
		"another protocol": {BaseURL: "ftp://127.0.0.1/v1", Model: "m"},
		"a user":           {BaseURL: "http://u:p@127.0.0.1/v1", Model: "m"},
		"a query":          {BaseURL: "http://127.0.0.1/v1?key=1", Model: "m"},
		"a key of lines":   {Model: "m", APIKey: key + "\n"},
		"a negative time":  {Model: "m", Total: -time.Second},
		"a negative limit": {Model: "m", MaxTokens: -1},
	} {
		if _, err := llm.New(config); err == nil || strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if model, err := llm.New(llm.Config{Model: "m"}); err != nil || model.Name() != "m" {
		t.Errorf("the defaults: %v", err)
	}
}

// Neither a configuration nor a model prints its key.
func TestKeyIsNotPrinted(t *testing.T) {
	t.Parallel()
	config := llm.Config{Model: "m", APIKey: key}
	model, err := llm.New(config)
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(verb+verb+verb, config, &config, model); strings.Contains(text, key) {
			t.Errorf("%s prints %s", verb, text)
		}
	}
}

// The key goes where it belongs, and the path is that of the base URL with or without a slash.
func TestRequest(t *testing.T) {
	t.Parallel()
	server := fake.New(t, fake.Text("Two"))
	for _, slash := range []string{"", "/"} {
		model, err := llm.New(llm.Config{BaseURL: server.URL + slash, APIKey: key, Model: "fake-1"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := model.Answer(t.Context(), asked(), &taker{}); err != nil {
			t.Error(err)
		}
	}
	for _, request := range server.Requests() {
		if request.Path != "/v1/chat/completions" || request.Header.Get("Authorization") != "Bearer "+key || strings.Contains(string(request.Body), key) {
			t.Errorf("%s %v", request.Path, request.Header)
		}
	}
}

// Answers that are given at once do not get in each other's way while the model learns what its server takes.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	server := fake.New(t, fake.RefusesMaxTokens(fake.RefusesTools(fake.Text("Two ", "7a."))))
	model := newModel(t, llm.Config{}, server)
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			var ran uses
			out := &taker{}
			ending, err := model.Answer(t.Context(), asked(ran.tool("get_pyramid")), out)
			if err != nil || out.text.String() != "Two 7a." || ending.FinishReason != "stop" || len(ran) != 1 {
				t.Errorf("%q %+v %v", out.text.String(), ending, err)
			}
		})
	}
	all.Wait()
}

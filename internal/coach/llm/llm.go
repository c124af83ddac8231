// Package llm answers the climber's questions with a language model behind any server that speaks OpenAI's chat-completions API
// (OpenAI, Anthropic and Gemini in their compatible forms, OpenRouter, Ollama, vLLM, LM Studio), streaming, with tools over the climber's own data.
//
// Servers differ, and fail, in more ways than the API says. What an answer is does not depend on them: it is complete only when a
// finish reason arrived, every wait and every buffer has a limit, and whatever goes wrong is a *[coach.ModelError]. A request is
// sent again only when the server has refused it before it began, because it does not know a parameter: nothing is paid twice.
package llm

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"github.com/cragbase/cragbase/internal/coach"
)

// Config says which model answers, and within which limits. Zero values mean the defaults.
type Config struct {
	BaseURL string // up to and without /chat/completions; default https://api.openai.com/v1
	APIKey  string // sent as a bearer token; "" for servers that want none
	Model   string // required

	FirstToken    time.Duration // until the first token of each request; default 60 s
	BetweenTokens time.Duration // until the next one; default 30 s
	Total         time.Duration // for the whole answer, tools included; default 3 min

	MaxTokens     int // of each request's answer, reasoning included where the model reasons; default 1,200
	MaxCharacters int // of the whole answer, which is cut there with the reason "length"; default 16,000
	MaxRounds     int // requests for one answer, the last of them without tools; default 4

	NoTools bool // the model can use no tools: it gets figures with the question instead

	Transport http.RoundTripper // default: a copy of http.DefaultTransport
	Logger    *slog.Logger      // for failures of tools; default: none. Never given a text of the chat, or the key
}

// String leaves out the key.
func (c Config) String() string { return fmt.Sprintf("%s at %s", c.Model, c.BaseURL) }

// GoString is String.
func (c Config) GoString() string { return c.String() }

// Model answers with a language model. It is safe for concurrent use.
type Model struct {
	name    string
	limits  limits
	client  *openai.Client
	dialect dialect
	scrub   func(string) string // takes the key out of a text
	logger  *slog.Logger
}

// limits are those of Config, with the defaults filled in.
type limits struct {
	firstToken, betweenTokens, total time.Duration
	tokens, characters, rounds       int
}

var _ coach.Answerer = (*Model)(nil)

// New checks the configuration. It sends nothing.
func New(c Config) (*Model, error) {
	c.BaseURL = cmp.Or(c.BaseURL, "https://api.openai.com/v1")
	if err := c.check(); err != nil {
		return nil, err
	}
	m := &Model{
		name: c.Model,
		limits: limits{
			firstToken: cmp.Or(c.FirstToken, time.Minute), betweenTokens: cmp.Or(c.BetweenTokens, 30*time.Second), total: cmp.Or(c.Total, 3*time.Minute),
			tokens: cmp.Or(c.MaxTokens, 1200), characters: cmp.Or(c.MaxCharacters, 16_000), rounds: cmp.Or(c.MaxRounds, 4),
		},
		scrub:  scrubber(c.APIKey),
		logger: cmp.Or(c.Logger, slog.New(slog.DiscardHandler)),
	}
	m.dialect.configured.noTools = c.NoTools
	m.client = openai.NewClientWithConfig(clientConfig(c))
	return m, nil
}

// Name is the model's name.
func (m *Model) Name() string { return m.name }

func clientConfig(c Config) openai.ClientConfig {
	config := openai.DefaultConfig("") // wire has the key: %+v of a Model would print one that is kept here
	config.BaseURL = c.BaseURL
	config.HTTPClient = newWire(c.APIKey, c.Transport)
	return config
}

func (c Config) check() error {
	base, err := url.Parse(c.BaseURL)
	switch {
	case err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https":
		return errors.New("llm: the base URL is no http or https URL")
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return errors.New("llm: the base URL has a user, a query or a fragment")
	case c.Model == "":
		return errors.New("llm: the model's name is missing")
	case strings.ContainsFunc(c.APIKey, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New("llm: the key has characters that a header cannot hold")
	case min(c.FirstToken, c.BetweenTokens, c.Total) < 0 || min(c.MaxTokens, c.MaxCharacters, c.MaxRounds) < 0:
		return errors.New("llm: a limit is negative")
	}
	return nil
}

// scrubber takes a key out of texts. A closure keeps it out of what %+v prints of a Model.
func scrubber(key string) func(string) string {
	return func(text string) string {
		if key == "" {
			return text
		}
		return strings.ReplaceAll(text, key, "[key]")
	}
}

package hooks

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	validation "github.com/go-ozzo/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/coach"
	"github.com/cragbase/cragbase/internal/coach/offline"
	"github.com/cragbase/cragbase/internal/plan"
	"github.com/cragbase/cragbase/internal/usage"
)

// Errors of the coach's routes.
var (
	errNoCoach         = errors.New("no coach is configured")
	errUpgradeRequired = errors.New("the plan has no coach")
	errNoAnswer        = errors.New("no such answer is on its way")
)

// postMessage: POST /v1/users/me/messages
func (s *server) postMessage(e *core.RequestEvent) error {
	if s.coach == nil {
		return errNoCoach
	}
	var request messageRequest
	if err := bindJSON(e, &request, nil); err != nil {
		return err
	}
	if err := request.check(); err != nil {
		return err
	}
	reply, err := s.coach.Begin(e.Request.Context(), e.App, coach.Ask{
		UserID: e.Auth.Id, ChatID: request.ChatID.text(), Content: request.Content, TokenKey: e.Auth.TokenKey(), Session: sessionOf(e),
	})
	if err != nil {
		return s.refused(e, err)
	}
	if strings.Contains(e.Request.Header.Get("Accept"), eventStreamType) {
		return s.streamReply(e, reply)
	}
	return s.sendReply(e, reply)
}

// refused tells an administrator when the coach has cost as much as it may on a day.
func (s *server) refused(e *core.RequestEvent, err error) error {
	if errors.Is(err, coach.ErrAllSpent) {
		s.metrics.spent.Inc()
		e.App.Logger().Warn("the coach's tokens of the day are spent: COACH_TOKENS_PER_DAY")
	}
	return err
}

// sendReply answers when the whole answer is there.
func (s *server) sendReply(e *core.RequestEvent, reply *coach.Reply) error {
	keepReading(e)
	result, err := s.run(e, reply, nowhere{})
	if err != nil {
		return err
	}
	if result.State == coach.Failed {
		return &answerError{result.Code, reply}
	}
	return respondNow(e, http.StatusOK, answerResponse{reply.ChatID, messageOf(reply, result), reply.Remaining})
}

// streamReply sends the answer as it comes, as server-sent events.
func (s *server) streamReply(e *core.RequestEvent, reply *coach.Reply) error {
	keepReading(e)
	stream := openStream(e)
	defer stream.close()
	// A client that is gone shows in the first event that it does not take, or in the end of its request.
	_ = stream.send("message.start", startEvent{reply.ChatID, reply.MessageID, reply.Remaining})
	result, err := s.run(e, reply, replyEvents{stream})
	if err != nil {
		e.App.Logger().Error("an answer of the coach was not stored", "request_id", e.Response.Header().Get(requestIDHeader), "error", err)
		return stream.send("error", errorEvent{"internal", messageOfCode("internal")})
	}
	if result.State == coach.Failed {
		return stream.send("error", errorEvent{result.Code, messageOfCode(result.Code)})
	}
	return stream.send("message.end", endEvent{
		State: string(result.State), Usage: usageEvent{result.PromptTokens, result.CompletionTokens, result.FinishReason},
	})
}

// run answers, counts, and has the chat summed up where it has got long.
func (s *server) run(e *core.RequestEvent, reply *coach.Reply, out coach.Sink) (*coach.Result, error) {
	begun := time.Now()
	result, err := reply.Run(e.App, out)
	if err != nil {
		s.metrics.answers.WithLabelValues("lost").Observe(time.Since(begun).Seconds())
		return nil, err
	}
	s.metrics.answers.WithLabelValues(string(result.State)).Observe(time.Since(begun).Seconds())
	s.metrics.tokens.WithLabelValues("prompt").Add(float64(result.PromptTokens))
	s.metrics.tokens.WithLabelValues("completion").Add(float64(result.CompletionTokens))
	if needed, err := s.coach.NeedsSummary(e.App, reply.ChatID); err != nil {
		e.App.Logger().Warn("a chat was not looked at", "error", err)
	} else if needed {
		err := e.App.RunInTransaction(func(txApp core.App) error { return enqueueSummary(txApp, reply.ChatID) })
		if err != nil {
			e.App.Logger().Warn("a summary was not queued", "error", err)
		}
	}
	return result, nil
}

// postStop: POST /v1/users/me/messages/{id}/stop
func (s *server) postStop(e *core.RequestEvent) error {
	if s.coach == nil {
		return errNoCoach
	}
	if !s.coach.Stop(e.Auth.Id, e.Request.PathValue("id")) {
		return errNoAnswer
	}
	return e.NoContent(http.StatusNoContent)
}

// getCoach: GET /v1/users/me/coach
func (s *server) getCoach(e *core.RequestEvent) error {
	status := coachResponse{MaxCharacters: coach.MaxContent}
	if s.coach != nil {
		status.Available, status.Author = true, s.coach.Answerer.Name()
		status.Offline = s.coach.Computed
	}
	return respond(e, status)
}

// getInsights: GET /v1/users/me/insights
func (s *server) getInsights(e *core.RequestEvent) error {
	now := s.Now()
	insights, err := offline.Insights(e.Request.Context(), s.kit.For(e.App, e.Auth.Id, func() time.Time { return now }), now)
	if err != nil {
		return err
	}
	return respond(e, insightsResponse{insights})
}

// coachConfig binds what the coach asks of others.
func (s *server) coachConfig() coach.Config {
	config := s.Coach
	config.Now, config.Look, config.Take, config.GiveBack = s.Now, s.look, s.takePlace, s.giveBackPlace
	return config
}

// takePlace takes a message of the plan's limit. The token that it came with may have ended while the body came or a seat was
// waited for.
func (s *server) takePlace(txApp core.App, ask *coach.Ask, now time.Time) (coach.Taken, error) {
	user, err := txApp.FindRecordById(account.Collection, ask.UserID)
	if errors.Is(err, sql.ErrNoRows) {
		return coach.Taken{}, account.ErrNoSession
	}
	if err != nil {
		return coach.Taken{}, err
	}
	if !account.MayAct(user) || user.TokenKey() != ask.TokenKey {
		return coach.Taken{}, account.ErrNoSession
	}
	if ask.Session != "" {
		if _, err := txApp.FindRecordById(account.SessionCollection, ask.Session); errors.Is(err, sql.ErrNoRows) {
			return coach.Taken{}, account.ErrNoSession
		} else if err != nil {
			return coach.Taken{}, err
		}
	}
	limits, err := plan.Of(txApp, user.GetString(account.FieldTier))
	if err != nil {
		return coach.Taken{}, err
	}
	if limits.MaxDailyMessages != nil && *limits.MaxDailyMessages == 0 {
		return coach.Taken{}, errUpgradeRequired
	}
	place, err := usage.Take(txApp, user.Id, limits.MaxDailyMessages, now)
	if err != nil {
		return coach.Taken{}, err
	}
	count, err := usage.Read(txApp, user.Id, now)
	if err != nil {
		return coach.Taken{}, err
	}
	text, err := json.Marshal(place)
	return coach.Taken{Place: string(text), Remaining: count.Remaining()}, err
}

func (s *server) giveBackPlace(txApp core.App, userID, place string, now time.Time) error {
	var taken usage.Place
	if err := json.Unmarshal([]byte(place), &taken); err != nil {
		return fmt.Errorf("place %q: %w", place, err)
	}
	return usage.GiveBack(txApp, userID, taken, now)
}

// look is what the coach gets to see of a user: their own data, and nothing else.
func (s *server) look(app core.App, userID string, now time.Time) ([]coach.Tool, string, error) {
	clock := func() time.Time { return now }
	profile, err := s.kit.Profile(app, userID, clock)
	if err != nil {
		return nil, "", fmt.Errorf("profile for the coach: %w", err)
	}
	return s.kit.For(app, userID, clock), profile, nil
}

type messageRequest struct {
	Content string   `json:"content"`
	ChatID  optional `json:"chat_id"`
}

func (r *messageRequest) check() error {
	r.Content = strings.TrimSpace(strings.ReplaceAll(r.Content, "\x00", ""))
	problems := validation.Errors{}
	if size := utf8.RuneCountInString(r.Content); size < 1 || size > coach.MaxContent {
		problems["content"] = validation.NewError("validation_length_out_of_range", fmt.Sprintf("Write 1 to %d characters.", coach.MaxContent))
	}
	return problems.Filter()
}

type coachResponse struct {
	Available     bool   `json:"available"`
	Offline       bool   `json:"offline"` // computed without a language model
	Author        string `json:"author"`
	MaxCharacters int    `json:"max_characters"`
}

type insightsResponse struct {
	Insights []offline.Insight `json:"insights"`
}

type answerResponse struct {
	ChatID    string          `json:"chat_id"`
	Message   messageResponse `json:"message"`
	Remaining *int            `json:"remaining_messages"`
}

type messageResponse struct {
	ID           string          `json:"id"`
	Role         string          `json:"role"`
	Content      string          `json:"content"`
	State        string          `json:"state"`
	Author       string          `json:"author"`
	Tools        []coach.ToolUse `json:"tools"`
	FinishReason string          `json:"finish_reason"`
	Usage        usageEvent      `json:"usage"`
}

func messageOf(reply *coach.Reply, result *coach.Result) messageResponse {
	message := messageResponse{
		ID: reply.MessageID, Role: string(coach.Assistant), State: string(result.State), Tools: []coach.ToolUse{}, FinishReason: result.FinishReason,
		Usage: usageEvent{result.PromptTokens, result.CompletionTokens, result.FinishReason},
	}
	if result.Message != nil {
		message.Content, message.Author = result.Message.GetString("content"), result.Message.GetString("author")
		_ = result.Message.UnmarshalJSONField("tools", &message.Tools) // it was written by us a moment ago
	}
	return message
}

// nowhere is the sink of an answer that is sent as a whole.
type nowhere struct{}

func (nowhere) Tool(string, string) error { return nil }
func (nowhere) Delta(string) error        { return nil }

// answerError is an answer that has failed, for a client that waits for the whole.
type answerError struct {
	code  string
	reply *coach.Reply
}

func (e *answerError) Error() string { return messageOfCode(e.code) }

// messageOfCode says what went wrong with an answer.
func messageOfCode(code string) string {
	switch coach.ModelCode(code) {
	case coach.ModelBusy:
		return "The coach has too much to do right now. Please try again in a moment."
	case coach.ModelTimeout:
		return "The coach did not answer in time. Please try again."
	case coach.ModelUnavailable:
		return "The coach cannot be reached right now. Please try again later."
	case coach.ModelCut:
		return "The answer broke off. What came of it is kept."
	case coach.ModelFailed:
		return "The coach gave no usable answer. Please try again."
	}
	if code == "interrupted" {
		return "The server was restarted in the middle of the answer. Please ask again."
	}
	return "Something went wrong on our side."
}

// statusOfCode is the status for it.
func statusOfCode(code string) int {
	switch coach.ModelCode(code) {
	case coach.ModelBusy:
		return http.StatusServiceUnavailable
	case coach.ModelTimeout:
		return http.StatusGatewayTimeout
	case coach.ModelUnavailable, coach.ModelCut, coach.ModelFailed:
		return http.StatusBadGateway
	}
	if code == "interrupted" {
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// closeCoach lets answers that are on their way finish for a while, and then ends them.
func (s *server) closeCoach(ctx context.Context) {
	if s.coach != nil {
		s.coach.Close(ctx, answerGrace)
	}
}

// answerGrace is how long an answer may go on when the server is going down.
const answerGrace = 5 * time.Second // less than drainTime: those that are ended then have to be stored

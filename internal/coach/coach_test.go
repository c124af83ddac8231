package coach_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/coach"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// actor is an answerer that does what a test says.
type actor func(ctx context.Context, question coach.Question, out coach.Sink) (coach.Ending, error)

func (actor) Name() string { return "actor" }

func (a actor) Answer(ctx context.Context, question coach.Question, out coach.Sink) (coach.Ending, error) {
	return a(ctx, question, out)
}

// says answers with a text.
func says(text string) actor {
	return func(_ context.Context, _ coach.Question, out coach.Sink) (coach.Ending, error) {
		if err := out.Delta(text); err != nil {
			return coach.Ending{}, err
		}
		return coach.Ending{FinishReason: "stop", PromptTokens: 10, CompletionTokens: 5}, nil
	}
}

// places are a quota that counts.
type places struct{ taken, given atomic.Int64 }

func (p *places) take(core.App, *coach.Ask, time.Time) (coach.Taken, error) {
	return coach.Taken{Place: fmt.Sprint(p.taken.Add(1))}, nil
}

func (p *places) giveBack(core.App, string, string, time.Time) error {
	p.given.Add(1)
	return nil
}

// sink keeps what a client would get.
type sink struct {
	mu    sync.Mutex
	text  strings.Builder
	tools []string
	fails error
	heard chan struct{} // one for each delta, where somebody listens
}

func (s *sink) Tool(name, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tools = append(s.tools, name)
	return s.fails
}

func (s *sink) Delta(text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.WriteString(text)
	if s.heard != nil {
		s.heard <- struct{}{}
	}
	return s.fails
}

// bench is a coach with its surroundings.
type bench struct {
	*coach.Coach
	app    *pbtest.App
	places *places
}

func newBench(t *testing.T, answerer coach.Answerer, configure ...func(*coach.Config)) *bench {
	t.Helper()
	b := &bench{app: pbtest.New(t), places: &places{}}
	config := coach.Config{
		Answerer: answerer, Take: b.places.take, GiveBack: b.places.giveBack, Now: time.Now, Patience: time.Millisecond,
		Look: func(core.App, string, time.Time) ([]coach.Tool, string, error) { return nil, "{}", nil },
	}
	for _, change := range configure {
		change(&config)
	}
	c, err := coach.New(config)
	if err != nil {
		t.Fatal(err)
	}
	b.Coach = c
	return b
}

func (b *bench) begin(t *testing.T, ctx context.Context, content, chatID string) *coach.Reply {
	t.Helper()
	reply, err := b.Begin(ctx, b.app, coach.Ask{UserID: pbtest.OwnerID, ChatID: chatID, Content: content, TokenKey: "key", Session: "session"})
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

func (b *bench) message(t *testing.T, id string) *core.Record {
	t.Helper()
	message, err := b.app.FindRecordById("messages", id)
	if err != nil {
		t.Fatal(err)
	}
	return message
}

// What becomes of an answer, and of its place: it is given back when nothing came before the model failed, and when it was us.
func TestOutcome(t *testing.T) {
	t.Parallel()
	fails := func(before string, err error) actor {
		return func(_ context.Context, _ coach.Question, out coach.Sink) (coach.Ending, error) {
			if before != "" {
				if err := out.Delta(before); err != nil {
					return coach.Ending{}, err
				}
			}
			return coach.Ending{}, err
		}
	}
	broken := &coach.ModelError{Code: coach.ModelUnavailable, Cause: errors.New("connection refused")}
	for _, test := range []struct {
		rule     string
		answerer actor
		state    coach.State
		code     string
		content  string
		given    int64
	}{
		{"a whole answer", says("Climb more."), coach.Done, "", "Climb more.", 0},
		{"a model that cannot be reached", fails("", broken), coach.Failed, "model_unavailable", "", 1},
		{"a model that fails in the middle", fails("Climb", broken), coach.Failed, "model_unavailable", "Climb", 0},
		{"a stream that ends without a reason", fails("Climb", nil), coach.Failed, "model_cut", "Climb", 0},
		{"nothing at all, without a reason", fails("", nil), coach.Failed, "model_cut", "", 1},
		{"an empty answer", says(" "), coach.Failed, "model_failed", " ", 1},
		{"an error that nobody knows", fails("", errors.New("disk on fire")), coach.Failed, "internal", "", 1},
		{"a panic", func(context.Context, coach.Question, coach.Sink) (coach.Ending, error) { panic("oops") }, coach.Failed, "internal", "", 1},
		{"an answer without end", func(_ context.Context, _ coach.Question, out coach.Sink) (coach.Ending, error) {
			for {
				if err := out.Delta(strings.Repeat("é", 999)); err != nil {
					return coach.Ending{}, err
				}
			}
		}, coach.Done, "", strings.Repeat("é", coach.MaxAnswer), 0},
		{"letters that are none", says("a\xffb\x00c"), coach.Done, "", "a\ufffdbc", 0},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, test.answerer)
			reply := b.begin(t, context.Background(), "What now?", "")
			result, err := reply.Run(b.app, &sink{})
			if err != nil {
				t.Fatal(err)
			}
			stored := b.message(t, reply.MessageID)
			if result.State != test.state || result.Code != test.code || stored.GetString("state") != string(test.state) || stored.GetString("error") != test.code {
				t.Errorf("%s %s, stored %s %s", result.State, result.Code, stored.GetString("state"), stored.GetString("error"))
			}
			if got := stored.GetString("content"); strings.TrimSpace(got) != strings.TrimSpace(test.content) {
				t.Errorf("content %.80q of %d", got, len(got))
			}
			if b.places.taken.Load() != 1 || b.places.given.Load() != test.given {
				t.Errorf("%d taken, %d given back", b.places.taken.Load(), b.places.given.Load())
			}
			if again, err := b.Recover(b.app); err != nil || again != 0 || b.places.given.Load() != test.given {
				t.Errorf("recovered %d, %v", again, err)
			}
		})
	}
}

// Whoever ends an answer, its model stops at once, what came is kept, and the place is used; a server that goes down gives it back.
func TestEnds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule  string
		end   func(b *bench, reply *coach.Reply, disconnect func())
		state coach.State
		given int64
	}{
		{"the user stops it", func(b *bench, r *coach.Reply, _ func()) {
			if b.Stop(pbtest.StrangerID, r.MessageID) {
				panic("a stranger can stop it")
			}
			if !b.Stop(pbtest.OwnerID, r.MessageID) {
				panic("its owner cannot stop it")
			}
		}, coach.Stopped, 0},
		{"the client goes away", func(_ *bench, _ *coach.Reply, disconnect func()) { disconnect() }, coach.Stopped, 0},
		{"the session ends", func(b *bench, _ *coach.Reply, _ func()) { b.EndSession("session") }, coach.Stopped, 0},
		{"the password changes", func(b *bench, _ *coach.Reply, _ func()) {
			b.EndOthers(pbtest.StrangerID, "other")
			b.EndOthers(pbtest.OwnerID, "other")
		}, coach.Stopped, 0},
		{"the server goes down", func(b *bench, _ *coach.Reply, _ func()) { go b.Close(context.Background(), 0) }, coach.Failed, 1},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, actor(func(ctx context.Context, _ coach.Question, out coach.Sink) (coach.Ending, error) {
				if err := out.Delta("Climb "); err != nil {
					return coach.Ending{}, err
				}
				<-ctx.Done()
				return coach.Ending{}, ctx.Err()
			}))
			ctx, disconnect := context.WithCancel(context.Background())
			defer disconnect()
			reply := b.begin(t, ctx, "What now?", "")
			out := &sink{heard: make(chan struct{}, 1)}
			ended := make(chan *coach.Result)
			go func() {
				result, err := reply.Run(b.app, out)
				if err != nil {
					t.Error(err)
				}
				ended <- result
			}()
			<-out.heard
			if state := b.message(t, reply.MessageID).GetString("state"); state != string(coach.Streaming) {
				t.Errorf("in the middle it is %s", state)
			}
			test.end(b, reply, disconnect)
			result := <-ended
			stored := b.message(t, reply.MessageID)
			if result.State != test.state || stored.GetString("content") != "Climb " || b.places.given.Load() != test.given {
				t.Errorf("%s, %q, %d given back", result.State, stored.GetString("content"), b.places.given.Load())
			}
			if b.Stop(pbtest.OwnerID, reply.MessageID) {
				t.Error("it can be stopped again")
			}
		})
	}
}

// An answer that its owner has deleted meanwhile ends, and nothing of it is stored.
func TestDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	b := newBench(t, actor(func(ctx context.Context, _ coach.Question, out coach.Sink) (coach.Ending, error) {
		if err := out.Delta("Climb "); err != nil {
			return coach.Ending{}, err
		}
		<-ctx.Done()
		return coach.Ending{}, ctx.Err()
	}))
	reply := b.begin(t, context.Background(), "What now?", "")
	out := &sink{heard: make(chan struct{}, 1)}
	ended := make(chan *coach.Result)
	go func() {
		result, err := reply.Run(b.app, out)
		if err != nil {
			t.Error(err)
		}
		ended <- result
	}()
	<-out.heard
	if err := b.app.Delete(b.message(t, reply.MessageID)); err != nil {
		t.Fatal(err)
	}
	b.Deleted(reply.MessageID)
	if result := <-ended; result.Message != nil || result.State != coach.Stopped {
		t.Errorf("%+v", result)
	}
}

// A user who is deleted during an answer leaves no count of tokens behind.
func TestUserDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	var b *bench
	b = newBench(t, actor(func(ctx context.Context, question coach.Question, out coach.Sink) (coach.Ending, error) {
		user, err := b.app.FindRecordById("users", pbtest.OwnerID)
		if err != nil {
			return coach.Ending{}, err
		}
		if err := b.app.Delete(user); err != nil {
			return coach.Ending{}, err
		}
		return says("Climb more.")(ctx, question, out)
	}))
	if _, err := b.begin(t, context.Background(), "What now?", "").Run(b.app, &sink{}); err != nil {
		t.Fatal(err)
	}
	var days int
	if err := b.app.DB().Select("count(*)").From("coach_tokens").Row(&days); err != nil || days != 0 {
		t.Errorf("%d days with tokens: %v", days, err)
	}
}

// What a killed server has left is failed at the next start, and its place is given back once.
func TestRecover(t *testing.T) {
	t.Parallel()
	b := newBench(t, says("never"))
	reply := b.begin(t, context.Background(), "What now?", "") // and nobody runs it
	for i, want := range []int{1, 0} {
		if got, err := b.Recover(b.app); err != nil || got != want {
			t.Errorf("start %d: %d recovered, %v", i+1, got, err)
		}
	}
	if stored := b.message(t, reply.MessageID); stored.GetString("state") != "failed" || stored.GetString("error") != "interrupted" || b.places.given.Load() != 1 {
		t.Errorf("%s %s, %d given back", stored.GetString("state"), stored.GetString("error"), b.places.given.Load())
	}
}

// Two answers of a user are on their way at most, and one of another user beside them.
func TestSeats(t *testing.T) {
	t.Parallel()
	b := newBench(t, says("fine"))
	first, second := b.begin(t, context.Background(), "one", ""), b.begin(t, context.Background(), "two", "")
	if _, err := b.Begin(context.Background(), b.app, coach.Ask{UserID: pbtest.OwnerID, Content: "three"}); !errors.Is(err, coach.ErrBusy) {
		t.Errorf("a third: %v", err)
	}
	if _, err := b.Begin(context.Background(), b.app, coach.Ask{UserID: pbtest.StrangerID, Content: "one"}); err != nil {
		t.Errorf("somebody else: %v", err)
	}
	if _, err := first.Run(b.app, &sink{}); err != nil {
		t.Fatal(err)
	}
	b.begin(t, context.Background(), "three", "")
	if _, err := second.Run(b.app, &sink{}); err != nil {
		t.Fatal(err)
	}
	if taken := b.places.taken.Load(); taken != 4 {
		t.Errorf("%d places taken", taken)
	}
}

// A chat has its messages in order, is called by its first one, and takes none of strangers.
func TestChat(t *testing.T) {
	t.Parallel()
	var asked []coach.Question
	b := newBench(t, actor(func(ctx context.Context, question coach.Question, out coach.Sink) (coach.Ending, error) {
		asked = append(asked, question)
		return says("Answer "+fmt.Sprint(len(asked)))(ctx, question, out)
	}))
	first := b.begin(t, context.Background(), "How do I get from 6b to 6c in a year without getting hurt, please?\nThanks", "")
	if _, err := first.Run(b.app, &sink{}); err != nil {
		t.Fatal(err)
	}
	second := b.begin(t, context.Background(), "And then?", first.ChatID)
	if _, err := second.Run(b.app, &sink{}); err != nil {
		t.Fatal(err)
	}
	chat, err := b.app.FindRecordById("chats", first.ChatID)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := chat.GetString("title"), "How do I get from 6b to 6c in a year without getting hurt,…"; got != want {
		t.Errorf("title %q, want %q", got, want)
	}
	if want := []coach.Turn{{Role: coach.User, Content: "How do I get from 6b to 6c in a year without getting hurt, please?\nThanks"}, {Role: coach.Assistant, Content: "Answer 1"}}; fmt.Sprint(asked[1].History) != fmt.Sprint(want) {
		t.Errorf("history %v", asked[1].History)
	}
	for _, ask := range []coach.Ask{{UserID: pbtest.StrangerID, ChatID: first.ChatID, Content: "x"}, {UserID: pbtest.OwnerID, ChatID: "nothing", Content: "x"}} {
		if _, err := b.Begin(context.Background(), b.app, ask); !errors.Is(err, coach.ErrNoChat) {
			t.Errorf("%+v: %v", ask, err)
		}
	}
}

// A day's tokens are spent once: by a user, and by all together. The next day begins anew.
func TestSpend(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.June, 15, 23, 0, 0, 0, time.UTC)
	costly := actor(func(_ context.Context, _ coach.Question, out coach.Sink) (coach.Ending, error) {
		if err := out.Delta("dear"); err != nil {
			return coach.Ending{}, err
		}
		return coach.Ending{FinishReason: "stop", PromptTokens: 9_000, CompletionTokens: 1_000}, nil
	})
	b := newBench(t, costly, func(c *coach.Config) {
		c.UserDailyTokens, c.DailyTokens = 12_000, 20_000
		c.Now = func() time.Time { return now }
	})
	ask := func(user string) error {
		reply, err := b.Begin(context.Background(), b.app, coach.Ask{UserID: user, Content: "x"})
		if err != nil {
			return err
		}
		_, err = reply.Run(b.app, &sink{})
		return err
	}
	for i, test := range []struct {
		user string
		want error
	}{{pbtest.OwnerID, nil}, {pbtest.OwnerID, coach.ErrUserSpent}, {pbtest.StrangerID, nil}, {pbtest.StrangerID, coach.ErrUserSpent}, {"deactivated0000", coach.ErrAllSpent}} {
		if err := ask(test.user); !errors.Is(err, test.want) {
			t.Errorf("question %d: %v, want %v", i, err, test.want)
		}
	}
	now = coach.NextDay(now)
	if err := ask(pbtest.OwnerID); err != nil {
		t.Errorf("the next day: %v", err)
	}
}

// Whoever may not ask hears why, and not that the tokens of the day are spent.
func TestQuotaBeforeSpend(t *testing.T) {
	t.Parallel()
	full := errors.New("no place is left")
	b := newBench(t, says("fine"), func(c *coach.Config) {
		c.UserDailyTokens, c.DailyTokens = 1, 1
		c.Take = func(core.App, *coach.Ask, time.Time) (coach.Taken, error) { return coach.Taken{}, full }
	})
	if _, err := b.Begin(context.Background(), b.app, coach.Ask{UserID: pbtest.OwnerID, Content: "x"}); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
}

// A message that is deleted while the model sums it up does not come back in the summary, nor does one that the summary before was
// made of.
func TestSummaryForgets(t *testing.T) {
	t.Parallel()
	var b *bench
	var forget string // the question that is deleted meanwhile
	b = newBench(t, says("yes"), func(c *coach.Config) {
		c.Summarise = func(context.Context, string, []coach.Turn) (string, coach.Ending, error) {
			if forget != "" {
				message, err := b.app.FindFirstRecordByData("messages", "content", forget)
				if err != nil {
					return "", coach.Ending{}, err
				}
				if err := b.app.Delete(message); err != nil {
					return "", coach.Ending{}, err
				}
			}
			return "the first ones", coach.Ending{FinishReason: "stop"}, nil
		}
	})
	chat, asked := "", 0
	for _, test := range []struct{ forget, want string }{
		{"question 1", ""}, {"", "the first ones"}, {"question 2", ""},
	} {
		for range 10 {
			reply := b.begin(t, context.Background(), fmt.Sprint("question ", asked), chat)
			chat, asked = reply.ChatID, asked+1
			if _, err := reply.Run(b.app, &sink{}); err != nil {
				t.Fatal(err)
			}
		}
		forget = test.forget
		finish, err := b.SumUp(context.Background(), b.app, chat)
		if err != nil || finish == nil {
			t.Fatal("nothing was summed up", err)
		}
		if err := b.app.RunInTransaction(finish); err != nil {
			t.Fatal(err)
		}
		record, err := b.app.FindRecordById("chats", chat)
		if err != nil {
			t.Fatal(err)
		}
		if got := record.GetString("summary"); got != test.want {
			t.Errorf("with %q deleted the summary is %q, want %q", test.forget, got, test.want)
		}
	}
}

// A long chat is summed up: the model gets the summary and what came after it.
func TestSummary(t *testing.T) {
	t.Parallel()
	var last coach.Question
	b := newBench(t, actor(func(ctx context.Context, question coach.Question, out coach.Sink) (coach.Ending, error) {
		last = question
		return says("yes")(ctx, question, out)
	}), func(c *coach.Config) {
		c.Summarise = func(_ context.Context, summary string, turns []coach.Turn) (string, coach.Ending, error) {
			return fmt.Sprintf("%s[%d from %s]", summary, len(turns), turns[0].Content), coach.Ending{FinishReason: "stop"}, nil
		}
	})
	chat := ""
	for i := range 10 {
		reply := b.begin(t, context.Background(), fmt.Sprint("question ", i), chat)
		chat = reply.ChatID
		if _, err := reply.Run(b.app, &sink{}); err != nil {
			t.Fatal(err)
		}
		needed, err := b.NeedsSummary(b.app, chat)
		if err != nil || needed != (i == 9) {
			t.Errorf("after question %d a summary is needed: %v, %v", i, needed, err)
		}
	}
	finish, err := b.SumUp(context.Background(), b.app, chat)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.app.RunInTransaction(finish); err != nil {
		t.Fatal(err)
	}
	reply := b.begin(t, context.Background(), "the last one", chat)
	if _, err := reply.Run(b.app, &sink{}); err != nil {
		t.Fatal(err)
	}
	if last.Summary != "[8 from question 0]" || len(last.History) != 12 || last.History[0].Content != "question 4" {
		t.Errorf("summary %q, history of %d from %v", last.Summary, len(last.History), last.History[0])
	}
	messages, err := b.app.FindRecordsByFilter("messages", "chat = {:chat}", "sequence", 0, 0, dbx.Params{"chat": chat})
	if err != nil {
		t.Fatal(err)
	}
	for _, message := range messages {
		if err := b.app.Delete(message); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []int{0, 2} {
		reply := b.begin(t, context.Background(), "anew", chat)
		if _, err := reply.Run(b.app, &sink{}); err != nil {
			t.Fatal(err)
		}
		if last.Summary != "" || len(last.History) != want {
			t.Errorf("question %d after all was deleted: summary %q, history %v", i, last.Summary, last.History)
		}
	}
}

// A summary takes tokens of its user's day as an answer does: what the server says, 4,000 where it fails or says nothing, and
// none is made when the day's are spent.
func TestSummarySpends(t *testing.T) {
	t.Parallel()
	answers := actor(func(ctx context.Context, question coach.Question, out coach.Sink) (coach.Ending, error) {
		if _, err := says("yes")(ctx, question, out); err != nil {
			return coach.Ending{}, err
		}
		return coach.Ending{FinishReason: "stop", PromptTokens: 90, CompletionTokens: 10}, nil
	})
	for _, test := range []struct {
		rule    string
		daily   int
		ending  coach.Ending
		err     error
		want    int // tokens of the summary
		summary string
	}{
		{"as the server says", 100_000, coach.Ending{FinishReason: "stop", PromptTokens: 700, CompletionTokens: 50}, nil, 750, "short"},
		{"a server that says nothing", 100_000, coach.Ending{FinishReason: "stop"}, nil, 4_000, "short"},
		{"a model that fails", 100_000, coach.Ending{}, &coach.ModelError{Code: coach.ModelCut}, 4_000, ""},
		{"nothing left", 4_999, coach.Ending{FinishReason: "stop", PromptTokens: 700}, nil, 0, ""},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, answers, func(c *coach.Config) {
				c.UserDailyTokens = test.daily
				c.Summarise = func(context.Context, string, []coach.Turn) (string, coach.Ending, error) {
					return "short", test.ending, test.err
				}
			})
			spent := func() (tokens int) {
				err := b.app.DB().Select("coalesce(sum(tokens), 0)").From("coach_tokens").Where(dbx.HashExp{"user": pbtest.OwnerID}).Row(&tokens)
				if err != nil {
					t.Fatal(err)
				}
				return tokens
			}
			chat := ""
			for range 10 {
				reply := b.begin(t, context.Background(), "x", chat)
				chat = reply.ChatID
				if _, err := reply.Run(b.app, &sink{}); err != nil {
					t.Fatal(err)
				}
			}
			before := spent()
			finish, err := b.SumUp(context.Background(), b.app, chat)
			if !errors.Is(err, test.err) {
				t.Fatalf("sum up: %v", err)
			}
			if finish != nil {
				if err := b.app.RunInTransaction(finish); err != nil {
					t.Fatal(err)
				}
			}
			record, err := b.app.FindRecordById("chats", chat)
			if err != nil {
				t.Fatal(err)
			}
			if got := spent() - before; got != test.want || record.GetString("summary") != test.summary {
				t.Errorf("%d tokens for %q, want %d for %q", got, record.GetString("summary"), test.want, test.summary)
			}
		})
	}
}

// A coach that computes its answers costs no tokens.
func TestComputedCostsNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, says("fine"), func(c *coach.Config) { c.Computed, c.UserDailyTokens, c.DailyTokens = true, 1, 1 })
	for range 3 {
		if _, err := b.begin(t, context.Background(), "x", "").Run(b.app, &sink{}); err != nil {
			t.Fatal(err)
		}
	}
}

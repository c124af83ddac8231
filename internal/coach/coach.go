package coach

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Collections of the coach.
const (
	CollectionChats    = "chats"
	CollectionMessages = "messages"
)

// Config is what a Coach works with. Zero limits mean the defaults given here.
type Config struct {
	Answerer Answerer
	Computed bool // it answers without a language model
	// Look makes the tools over the data of one user, and their profile, some hundred bytes of JSON.
	Look func(app core.App, userID string, now time.Time) (tools []Tool, profile string, err error)
	// Take takes a place of a user's quota in the caller's transaction, when the user may still ask; its error is the caller's.
	// GiveBack gives it back.
	Take     func(txApp core.App, ask *Ask, now time.Time) (Taken, error)
	GiveBack func(txApp core.App, userID, place string, now time.Time) error
	// Summarise sums up the older part of a chat. Nil: chats are not summed up, and older messages are not seen.
	Summarise func(ctx context.Context, summary string, turns []Turn) (string, Ending, error)

	InFlight        int           // answers of one user at once; 2
	Patience        time.Duration // for one of them to end before another is refused; 5 s
	UserDailyTokens int           // of one user on a UTC day; 1,000,000. A coach that computes its answers costs none
	DailyTokens     int           // of all users on a UTC day; 20,000,000

	Now func() time.Time
}

// Taken is a place of a user's quota.
type Taken struct {
	Place     string // what GiveBack gives back
	Remaining *int   // places that are left; nil: no limit
}

const (
	defaultInFlight        = 2
	defaultPatience        = 5 * time.Second
	defaultUserDailyTokens = 1_000_000
	defaultDailyTokens     = 20_000_000
)

// Errors of Begin. Nothing is counted when it fails.
var (
	ErrNoChat    = errors.New("no such chat")
	ErrBusy      = errors.New("as many answers as a user may have are on their way")
	ErrUserSpent = errors.New("the tokens of this user's day are spent")
	ErrAllSpent  = errors.New("the tokens of the server's day are spent")
	ErrClosing   = errors.New("the server is going down")
)

// Coach answers users.
type Coach struct {
	Config
	seats   *seats
	mu      sync.Mutex
	running map[string]*running // by the id of the answer; guarded by mu
	closing bool                // guarded by mu
	done    sync.WaitGroup      // of running answers
}

// running is an answer on its way.
type running struct {
	userID, tokenKey, session string
	cancel                    context.CancelCauseFunc
}

// New returns a Coach. Without an answerer there is none: nil.
func New(config Config) (*Coach, error) {
	switch {
	case config.Answerer == nil:
		return nil, nil
	case config.Look == nil || config.Take == nil || config.GiveBack == nil || config.Now == nil:
		return nil, errors.New("a coach needs Look, Take, GiveBack and Now")
	}
	config.InFlight = cmp.Or(config.InFlight, defaultInFlight)
	config.Patience = cmp.Or(config.Patience, defaultPatience)
	config.UserDailyTokens = cmp.Or(config.UserDailyTokens, defaultUserDailyTokens)
	config.DailyTokens = cmp.Or(config.DailyTokens, defaultDailyTokens)
	return &Coach{Config: config, seats: newSeats(config.InFlight, config.Patience), running: map[string]*running{}}, nil
}

// Recover ends what a killed server has left: it must run before the first answer, and needs no answerer. Each answer that was
// on its way has failed, and its place is given back, once, because that is one transaction. One that cannot be settled is
// left and logged: it is no reason not to start.
func (c *Coach) Recover(app core.App) (int, error) {
	// The condition is that of the index, which SQLite uses only for the same words.
	left, err := app.FindAllRecords(CollectionMessages, dbx.NewExp("[[state]] = 'pending' OR [[state]] = 'streaming'"))
	if err != nil {
		return 0, fmt.Errorf("recover answers: %w", err)
	}
	for _, message := range left {
		end := outcome{state: Failed, code: codeInterrupted, giveBack: true}
		if err := c.settle(app, message.Id, message.GetString(fieldUser), message.GetDateTime("created").Time(), end); err != nil {
			app.Logger().Error("an answer of the coach was not recovered", "message", message.Id, "error", err)
		}
	}
	return len(left), nil
}

// The causes for which an answer ends before its time.
var (
	errStopped      = errors.New("stopped by the user")
	errDisconnected = errors.New("the client went away")
	errShutdown     = errors.New("the server is going down")
	errSessionEnded = errors.New("the session has ended")
	errDeleted      = errors.New("deleted by its owner")
)

// Stop ends an answer of a user; what has come of it is kept. It reports whether there was one on its way.
func (c *Coach) Stop(userID, messageID string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, ok := c.running[messageID]
	if !ok || r.userID != userID {
		return false
	}
	r.cancel(errStopped)
	return true
}

// Deleted ends an answer whose message its owner has deleted.
func (c *Coach) Deleted(messageID string) { c.cancel(messageID, errDeleted) }

// EndOthers ends the answers of a user that were asked for with other tokens than those of a key.
func (c *Coach) EndOthers(userID, tokenKey string) {
	c.endWhere(func(r *running) bool { return r.userID == userID && r.tokenKey != tokenKey })
}

// EndSession ends the answers that were asked for in a session.
func (c *Coach) EndSession(session string) {
	c.endWhere(func(r *running) bool { return r.session == session })
}

func (c *Coach) endWhere(ended func(r *running) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.running {
		if ended(r) {
			r.cancel(errSessionEnded)
		}
	}
}

// Close lets no new answer begin, gives those on their way some time to finish, ends the others, and returns when they are
// settled or ctx ends.
func (c *Coach) Close(ctx context.Context, grace time.Duration) {
	c.mu.Lock()
	c.closing = true
	c.mu.Unlock()
	settled := make(chan struct{})
	go func() {
		c.done.Wait()
		close(settled)
	}()
	patience := time.NewTimer(grace)
	defer patience.Stop()
	select {
	case <-settled:
		return
	case <-patience.C:
	case <-ctx.Done():
	}
	c.mu.Lock()
	for _, r := range c.running {
		r.cancel(errShutdown)
	}
	c.mu.Unlock()
	select {
	case <-settled:
	case <-ctx.Done():
	}
}

func (c *Coach) cancel(messageID string, cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r, ok := c.running[messageID]; ok {
		r.cancel(cause)
	}
}

// enter registers an answer; leave must be called when it is settled.
func (c *Coach) enter(ctx context.Context, ask *Ask, messageID string) (context.Context, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return nil, ErrClosing
	}
	ctx, cancel := context.WithCancelCause(ctx)
	c.running[messageID] = &running{ask.UserID, ask.TokenKey, ask.Session, cancel}
	c.done.Add(1)
	return ctx, nil
}

func (c *Coach) leave(messageID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running[messageID].cancel(nil)
	delete(c.running, messageID)
	c.done.Done()
}

package hooks

import (
	"strings"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/pocketbase/pocketbase/tools/subscriptions"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/audit"
)

// Keys of what is kept with a request.
const (
	keySession = "cragbaseSession" // id of the session of its token
	keyMethod  = "cragbaseMethod"  // how the session begins that its answer carries
)

// loadUser finds the user of a token in memory, before PocketBase would read it from the database. Tokens of other
// collections, and those that are not valid, are left to PocketBase.
func (s *server) loadUser() *hook.Handler[*core.RequestEvent] {
	return &hook.Handler[*core.RequestEvent]{
		Id:       "cragbaseLoadUser",
		Priority: apis.DefaultLoadAuthTokenMiddlewarePriority - 1,
		Func: func(e *core.RequestEvent) error {
			token := bearer(e)
			if token == "" {
				return e.Next()
			}
			if user, session, err := s.sessions.User(e.App, token); err == nil {
				e.Auth = user
				e.Set(keySession, session)
			}
			return e.Next()
		},
	}
}

func bearer(e *core.RequestEvent) string {
	token := e.Request.Header.Get("Authorization")
	if len(token) > 7 && strings.EqualFold(token[:7], "Bearer ") {
		token = token[7:]
	}
	return token
}

// refuseEnded makes a guest of a user whom loadUser did not find and PocketBase did: it knows no sessions, no
// deactivation and no ban. A guest, not an error: the SDK sends its old token along when such a user signs in again.
func refuseEnded() *hook.Handler[*core.RequestEvent] {
	return &hook.Handler[*core.RequestEvent]{
		Id:       "cragbaseRefuseEnded",
		Priority: apis.DefaultLoadAuthTokenMiddlewarePriority + 1,
		Func: func(e *core.RequestEvent) error {
			if e.Auth != nil && e.Auth.Collection().Name == account.Collection && e.Get(keySession) == nil {
				e.Auth = nil
			}
			return e.Next()
		},
	}
}

// sessionOf is the id of the session that a request belongs to, "" for none.
func sessionOf(e *core.RequestEvent) string {
	id, _ := e.Get(keySession).(string)
	return id
}

// clientOf is where a request comes from.
func clientOf(e *core.RequestEvent) account.Client {
	return account.Client{
		Source:    audit.Source{RequestID: e.Response.Header().Get(requestIDHeader), Address: e.RealIP()},
		UserAgent: strings.ToValidUTF8(e.Request.UserAgent(), ""),
	}
}

// bindSessions makes every token belong to a session, and what ends a session take effect at once.
func (s *server) bindSessions(app core.App) {
	app.OnRecordAuthRequest(account.Collection).BindFunc(s.giveSession)
	ended := func(e *core.RecordEvent) error {
		s.sessions.Forget(e.Record.GetString("user"))
		id := e.Record.Id
		endStreams(e.App, func(stream subscriptions.Client) bool { return stream.Get(keySession) == id })
		if s.coach != nil {
			s.coach.EndSession(id)
		}
		return e.Next()
	}
	app.OnRecordAfterDeleteSuccess(account.SessionCollection).BindFunc(ended)
	app.OnRecordAfterCreateSuccess(account.SessionCollection).BindFunc(func(e *core.RecordEvent) error {
		s.sessions.Forget(e.Record.GetString("user"))
		return e.Next()
	})
	app.OnRecordDeleteRequest(account.SessionCollection).BindFunc(func(e *core.RecordRequestEvent) error {
		outer := e.App
		defer func() { e.App = outer }()
		return outer.RunInTransaction(func(txApp core.App) error {
			e.App = txApp
			if err := audit.Write(txApp, audit.Entry{UserID: e.Record.GetString("user"), Event: audit.SessionEnded, Source: clientOf(e.RequestEvent).Source}); err != nil {
				return err
			}
			return e.Next()
		})
	})
	app.OnRealtimeSubscribeRequest().BindFunc(func(e *core.RealtimeSubscribeRequestEvent) error {
		if err := e.Next(); err != nil {
			return err
		}
		if e.Auth != nil && e.Auth.Collection().Name == account.Collection {
			e.Client.Set(keySession, sessionOf(e.RequestEvent))
			e.Client.Set(keyTokenKey, userTokenKey{e.Auth.Id, e.Auth.TokenKey()})
		}
		return nil
	})
}

// keyTokenKey is where a realtime client keeps the userTokenKey that it was subscribed with.
const keyTokenKey = "cragbaseTokenKey"

type userTokenKey struct{ user, key string }

// endStreams closes realtime connections. Their clients connect again, as whoever they are by then.
func endStreams(app core.App, which func(subscriptions.Client) bool) {
	broker := app.SubscriptionsBroker()
	for _, stream := range broker.Clients() {
		if which(stream) {
			broker.Unregister(stream.Id())
		}
	}
}

// endStreamsOfOldTokens closes the connections that were made with tokens that a change of their user has ended.
func endStreamsOfOldTokens(app core.App, user *core.Record) {
	endStreams(app, func(stream subscriptions.Client) bool {
		made, ok := stream.Get(keyTokenKey).(userTokenKey)
		return ok && made.user == user.Id && made.key != user.TokenKey()
	})
}

// giveSession puts a session into the token that an answer carries: a new one for a login and for a change of password,
// the same one for a refresh. Tokens that administrators make to act as a user cannot be refreshed and have none.
func (s *server) giveSession(e *core.RecordAuthRequestEvent) error {
	method, _ := e.Get(keyMethod).(string)
	if e.AuthMethod != "" {
		method = e.AuthMethod
	}
	client, session := clientOf(e.RequestEvent), sessionOf(e.RequestEvent)
	switch {
	case method != "":
		if err := s.beginSession(e, method, client); err != nil {
			return err
		}
	case session != "":
		var err error
		if e.Token, err = account.Refresh(e.App, e.Record, session, client, s.Now()); err != nil {
			return apis.NewUnauthorizedError("The session has ended.", err)
		}
	}
	return e.Next()
}

func (s *server) beginSession(e *core.RecordAuthRequestEvent, method string, client account.Client) error {
	now := s.Now()
	err := e.App.RunInTransaction(func(txApp core.App) error {
		var err error
		if e.Token, err = account.Begin(txApp, e.Record, method, client, now); err != nil || e.AuthMethod == "" {
			return err
		}
		if err := account.RecordLogin(txApp, e.Record, now); err != nil {
			return err
		}
		return audit.Write(txApp, audit.Entry{UserID: e.Record.Id, Event: audit.Login, Source: client.Source, Details: map[string]any{"method": method, "user_agent": client.UserAgent}})
	})
	if err != nil {
		return apis.NewInternalServerError("", err)
	}
	s.sessions.Forget(e.Record.Id)
	if e.AuthMethod != "" {
		s.metrics.logins.WithLabelValues(e.AuthMethod).Inc()
	}
	return nil
}

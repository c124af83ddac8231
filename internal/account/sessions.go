// Package account holds the rules of a user's profile and sessions.
package account

import (
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"
	"github.com/pocketbase/pocketbase/tools/types"

	"github.com/cragbase/cragbase/internal/readthrough"
)

// Collection is the auth collection of Cragbase's users.
const Collection = "users"

// ErrNoSession means that a token belongs to no user who may act now: it is malformed, expired, revoked, of
// another kind or collection, or its user is deactivated or banned.
var ErrNoSession = errors.New("no valid session")

// maxSessions bounds the memory of Sessions at about 4 KB a record.
const maxSessions = 20_000

// Sessions tells whose token it is without reading the user from the database each time. Signature and expiry of
// the token are checked on every call; what is remembered is what they are checked against.
type Sessions struct {
	users *readthrough.Cache[string, remembered]
	now   func() time.Time
}

// remembered is a user and the ends of the sessions that they have.
type remembered struct {
	user *core.Record
	ends map[string]time.Time // by session id
}

// NewSessions returns Sessions that remember nobody.
func NewSessions(now func() time.Time) (*Sessions, error) {
	users, err := readthrough.New[string, remembered](maxSessions)
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	return &Sessions{users: users, now: now}, nil
}

// User returns the user of an auth token, a copy that the caller may change, and the id of the session; or ErrNoSession.
// The only tokens without a session are those that an administrator makes to act as a user; they cannot be renewed.
func (s *Sessions) User(app core.App, token string) (user *core.Record, sessionID string, err error) {
	claims, err := security.ParseUnverifiedJWT(token)
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrNoSession, err)
	}
	collection, err := app.FindCachedCollectionByNameOrId(Collection)
	if err != nil {
		return nil, "", fmt.Errorf("find collection %s: %w", Collection, err)
	}
	id, _ := claims[core.TokenClaimId].(string)
	if id == "" || claims[core.TokenClaimType] != core.TokenTypeAuth || claims[core.TokenClaimCollectionId] != collection.Id {
		return nil, "", fmt.Errorf("%w: not an auth token of %s", ErrNoSession, Collection)
	}
	known, err := s.users.Get(id, func() (remembered, error) { return remember(app, collection, id) })
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrNoSession, err)
	}
	if _, err := security.ParseJWT(token, known.user.TokenKey()+known.user.Collection().AuthToken.Secret); err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrNoSession, err)
	}
	sessionID, _ = claims[claimSession].(string)
	renewable, _ := claims[core.TokenClaimRefreshable].(bool)
	end, open := known.ends[sessionID]
	if (renewable || sessionID != "") && (!open || !s.now().Before(end)) || claims["exp"] == nil {
		return nil, "", fmt.Errorf("%w: ended", ErrNoSession)
	}
	if !MayAct(known.user) {
		return nil, "", fmt.Errorf("%w: deactivated or banned", ErrNoSession)
	}
	return copyOf(known.user), sessionID, nil
}

// copyOf is a user of a request's own. PocketBase's copy shares the value of the password, which every save writes to.
func copyOf(user *core.Record) *core.Record {
	fresh := user.Fresh()
	if password, ok := fresh.GetRaw(core.FieldNamePassword).(*core.PasswordFieldValue); ok {
		own := *password
		fresh.SetRaw(core.FieldNamePassword, &own)
	}
	return fresh
}

func remember(app core.App, collection *core.Collection, userID string) (remembered, error) {
	user, err := app.FindRecordById(collection, userID)
	if err != nil {
		return remembered{}, err
	}
	var rows []struct {
		ID      string         `db:"id"`
		Expires types.DateTime `db:"expires"`
	}
	err = app.ConcurrentDB().Select("id", "expires").From(SessionCollection).Where(dbx.HashExp{"user": userID}).All(&rows)
	if err != nil {
		return remembered{}, fmt.Errorf("read sessions: %w", err)
	}
	known := remembered{user: user, ends: make(map[string]time.Time, len(rows))}
	for _, row := range rows {
		known.ends[row.ID] = row.Expires.Time()
	}
	return known, nil
}

// Forget drops what is remembered of a user. It must run after every committed change of the record or the sessions, also
// after plain SQL, and before the change is acknowledged.
func (s *Sessions) Forget(userID string) { s.users.Drop(userID) }

// ForgetAll drops everybody, for changes of the collection itself.
func (s *Sessions) ForgetAll() { s.users.Purge() }

// MayAct reports whether a user is neither deactivated (by themselves) nor banned (by an administrator).
func MayAct(user *core.Record) bool {
	return user.GetBool(FieldIsActive) && user.GetDateTime(FieldBannedAt).IsZero()
}

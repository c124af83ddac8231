// Package account holds the rules of a user's profile and sessions.
package account

import (
	"errors"
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"

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
// the token are checked on every call; what is remembered is the record that they are checked against.
type Sessions struct {
	users *readthrough.Cache[string, *core.Record]
}

// NewSessions returns Sessions that remember nobody.
func NewSessions() (*Sessions, error) {
	users, err := readthrough.New[string, *core.Record](maxSessions)
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	return &Sessions{users: users}, nil
}

// User returns the user of an auth token, a copy that the caller may change, or ErrNoSession.
func (s *Sessions) User(app core.App, token string) (*core.Record, error) {
	claims, err := security.ParseUnverifiedJWT(token)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoSession, err)
	}
	collection, err := app.FindCachedCollectionByNameOrId(Collection)
	if err != nil {
		return nil, fmt.Errorf("find collection %s: %w", Collection, err)
	}
	id, _ := claims[core.TokenClaimId].(string)
	if id == "" || claims[core.TokenClaimType] != core.TokenTypeAuth || claims[core.TokenClaimCollectionId] != collection.Id {
		return nil, fmt.Errorf("%w: not an auth token of %s", ErrNoSession, Collection)
	}
	user, err := s.users.Get(id, func() (*core.Record, error) { return app.FindRecordById(collection, id) })
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoSession, err)
	}
	if _, err := security.ParseJWT(token, user.TokenKey()+user.Collection().AuthToken.Secret); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoSession, err)
	}
	if !MayAct(user) {
		return nil, fmt.Errorf("%w: deactivated or banned", ErrNoSession)
	}
	return user.Fresh(), nil
}

// Forget drops what is remembered of a user. It must run after every committed change of the record, also after
// plain SQL, and before the change is acknowledged.
func (s *Sessions) Forget(userID string) { s.users.Drop(userID) }

// ForgetAll drops everybody, for changes of the collection itself.
func (s *Sessions) ForgetAll() { s.users.Purge() }

// MayAct reports whether a user is neither deactivated (by themselves) nor banned (by an administrator).
func MayAct(user *core.Record) bool {
	return user.GetBool(FieldIsActive) && user.GetDateTime(FieldBannedAt).IsZero()
}

package account

import (
	"database/sql"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"
	"github.com/pocketbase/pocketbase/tools/types"

	"github.com/cragbase/cragbase/internal/audit"
)

// SessionCollection holds one record per login that has not ended.
const SessionCollection = "sessions"

// claimSession names the session in a token.
const claimSession = "sid"

// A session ends this long after its login, however often its token is renewed (OWASP ASVS 7.3.2); and a user has no
// more of them than a list shows, the oldest end first.
const (
	sessionLength = 30 * 24 * time.Hour
	maxOpen       = 50
)

// Client is where a request comes from.
type Client struct {
	audit.Source
	UserAgent string
}

// Begin opens a session in the caller's transaction and returns its token.
func Begin(txApp core.App, user *core.Record, method string, client Client, now time.Time) (string, error) {
	collection, err := txApp.FindCachedCollectionByNameOrId(SessionCollection)
	if err != nil {
		return "", err
	}
	session := core.NewRecord(collection)
	session.Id = core.GenerateDefaultRandomId()
	end := now.Add(sessionLength)
	session.Load(map[string]any{
		"user": user.Id, "method": method, "address": client.Address, "user_agent": cut(client.UserAgent, 300),
		"started": now, "refreshed": now, "expires": end,
	})
	if err := txApp.Save(session); err != nil {
		return "", fmt.Errorf("begin session: %w", err)
	}
	if err := endOldest(txApp, user.Id); err != nil {
		return "", fmt.Errorf("end oldest session: %w", err)
	}
	return newToken(user, session.Id, end.Sub(now))
}

// Refresh returns another token of a session. It lives no longer than the session.
func Refresh(app core.App, user *core.Record, sessionID string, client Client, now time.Time) (string, error) {
	var end types.DateTime
	err := app.DB().Select("expires").From(SessionCollection).Where(dbx.HashExp{"id": sessionID, "user": user.Id}).Row(&end)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNoSession, err)
	}
	// Without events: nobody watches when a session was used.
	_, err = app.NonconcurrentDB().Update(SessionCollection, dbx.Params{"refreshed": now.UTC().Format(types.DefaultDateLayout), "address": client.Address},
		dbx.HashExp{"id": sessionID}).Execute()
	if err != nil {
		return "", fmt.Errorf("refresh session: %w", err)
	}
	return newToken(user, sessionID, end.Time().Sub(now))
}

// End ends one session of a user, if it is theirs and there.
func End(app core.App, userID, sessionID string) error {
	session, err := app.FindFirstRecordByFilter(SessionCollection, "id = {:id} && user = {:user}", dbx.Params{"id": sessionID, "user": userID})
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return app.Delete(session)
}

// EndAll ends every session of a user whose tokens are dead anyway. It is plain SQL: whoever would watch has been cut off.
func EndAll(app core.App, userID string) error {
	_, err := app.NonconcurrentDB().Delete(SessionCollection, dbx.HashExp{"user": userID}).Execute()
	return err
}

// DeleteExpired deletes the sessions whose tokens have all expired.
func DeleteExpired(app core.App, now time.Time) (int64, error) {
	result, err := app.NonconcurrentDB().Delete(SessionCollection, dbx.NewExp("[[expires]] < {:now}",
		dbx.Params{"now": now.UTC().Format(types.DefaultDateLayout)})).Execute()
	if err != nil {
		return 0, fmt.Errorf("delete expired sessions: %w", err)
	}
	return result.RowsAffected()
}

// Addresses are where a user's open sessions were used last.
func Addresses(app core.App, userID string) ([]string, error) {
	var addresses []string
	err := app.DB().Select("address").Distinct(true).From(SessionCollection).Where(dbx.HashExp{"user": userID}).Column(&addresses)
	return addresses, err
}

func endOldest(txApp core.App, userID string) error {
	_, err := txApp.NonconcurrentDB().NewQuery("DELETE FROM {{sessions}} WHERE [[user]] = {:user} AND [[id]] NOT IN " +
		"(SELECT [[id]] FROM {{sessions}} WHERE [[user]] = {:user} ORDER BY [[started]] DESC, [[rowid]] DESC LIMIT {:most})").
		Bind(dbx.Params{"user": userID, "most": maxOpen}).Execute()
	return err
}

// newToken is PocketBase's token with the session in it.
func newToken(user *core.Record, sessionID string, left time.Duration) (string, error) {
	config := user.Collection().AuthToken
	return security.NewJWT(jwt.MapClaims{
		core.TokenClaimType: core.TokenTypeAuth, core.TokenClaimId: user.Id, core.TokenClaimCollectionId: user.Collection().Id,
		core.TokenClaimRefreshable: true, claimSession: sessionID,
	}, user.TokenKey()+config.Secret, min(left, config.DurationTime()))
}

// cut shortens a text to at most length bytes, at a rune.
func cut(text string, length int) string {
	if len(text) <= length {
		return text
	}
	for length > 0 && !utf8.RuneStart(text[length]) {
		length--
	}
	return text[:length]
}

package hooks

import (
	"strings"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"github.com/cragbase/cragbase/internal/account"
)

// loadUser finds the user of a token in memory, before PocketBase would read it from the database. Tokens of other
// collections, and those that are not valid, are left to PocketBase.
func (s *server) loadUser() *hook.Handler[*core.RequestEvent] {
	return &hook.Handler[*core.RequestEvent]{
		Id:       "cragbaseLoadUser",
		Priority: apis.DefaultLoadAuthTokenMiddlewarePriority - 1,
		Func: func(e *core.RequestEvent) error {
			token := e.Request.Header.Get("Authorization")
			if len(token) > 7 && strings.EqualFold(token[:7], "Bearer ") {
				token = token[7:]
			}
			if token == "" {
				return e.Next()
			}
			if user, err := s.sessions.User(e.App, token); err == nil {
				e.Auth = user
			}
			return e.Next()
		},
	}
}

// refuseInactive makes a guest of a deactivated or banned user whose token is otherwise valid. A guest, not an error:
// the SDK sends its old token along when such a user signs in again.
func refuseInactive() *hook.Handler[*core.RequestEvent] {
	return &hook.Handler[*core.RequestEvent]{
		Id:       "cragbaseRefuseInactive",
		Priority: apis.DefaultLoadAuthTokenMiddlewarePriority + 1,
		Func: func(e *core.RequestEvent) error {
			if e.Auth != nil && e.Auth.Collection().Name == account.Collection && !account.MayAct(e.Auth) {
				e.Auth = nil
			}
			return e.Next()
		},
	}
}

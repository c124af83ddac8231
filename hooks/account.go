package hooks

import (
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/logbook/eightanu"
	"github.com/cragbase/cragbase/internal/logbook/mountainproject"
)

// getMe: GET /v1/users/me
func (s *server) getMe(e *core.RequestEvent) error {
	return s.respondProfile(e, e.Auth)
}

// patchMe: PATCH /v1/users/me
func (s *server) patchMe(e *core.RequestEvent) error {
	var request patchMeRequest
	if err := bindJSON(e, &request, append(jsonNames(account.Profile{}), core.FieldNamePassword)); err != nil {
		return err
	}
	user, err := account.UpdateProfile(e.App, e.Auth.Id, account.Change{
		Username:           request.Username.value,
		MountainProjectURL: request.MountainProjectURL.value,
		EightANuURL:        request.EightANuURL.value,
	}, account.Linkers{MountainProject: mountainproject.ProfileURL, EightANu: eightanu.ProfileURL})
	if err != nil {
		return err
	}
	return s.respondProfile(e, user)
}

func (s *server) respondProfile(e *core.RequestEvent, user *core.Record) error {
	count, err := s.usage.Count(e.App, user.Id, s.Now())
	if err != nil {
		return err
	}
	return respond(e, account.ProfileOf(user, count.Messages, count.LastMessage))
}

type patchMeRequest struct {
	Username           optional `json:"username"`
	MountainProjectURL optional `json:"mountain_project_url"`
	EightANuURL        optional `json:"eight_a_nu_url"`
}

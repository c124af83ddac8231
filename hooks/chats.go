package hooks

import (
	"context"
	"slices"

	"github.com/go-ozzo/ozzo-validation/v4"
	pbvalidation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/coach"
	"github.com/cragbase/cragbase/internal/jobs"
)

// bindChats binds what holds for chats and messages, with a coach and without one: who had one can read and delete them.
func (s *server) bindChats(app core.App) {
	app.OnRecordUpdateRequest(coach.CollectionChats).BindFunc(onlyFields("title"))
	app.OnRecordUpdateRequest(coach.CollectionMessages).BindFunc(onlyFields("feedback", "feedback_text"))
	app.OnRecordDelete(coach.CollectionMessages).BindFunc(forgetMessage)
	app.OnRecordAfterDeleteSuccess(coach.CollectionMessages).BindFunc(s.stopDeleted)
	app.OnRecordDelete(account.Collection).BindFunc(forgetTokens)
}

// onlyFields refuses every other change than that of some fields, unless an administrator makes it.
func onlyFields(allowed ...string) func(e *core.RecordRequestEvent) error {
	return func(e *core.RecordRequestEvent) error {
		if e.HasSuperuserAuth() {
			return e.Next()
		}
		problems := pbvalidation.Errors{}
		before := e.Record.Original()
		for _, field := range e.Collection.Fields {
			name := field.GetName()
			if !slices.Contains(allowed, name) && e.Record.GetString(name) != before.GetString(name) {
				problems[name] = validation.NewError("validation_read_only", "This cannot be changed.")
			}
		}
		if len(problems) > 0 {
			return e.BadRequestError("Failed to update record", problems)
		}
		return e.Next()
	}
}

func forgetMessage(e *core.RecordEvent) error {
	return inTransaction(e, func(txApp core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		return coach.ForgetDeleted(txApp, e.Record)
	})
}

// stopDeleted ends an answer that its owner has deleted while it came.
func (s *server) stopDeleted(e *core.RecordEvent) error {
	if s.coach != nil {
		s.coach.Deleted(e.Record.Id)
	}
	return e.Next()
}

// endAnswersOfOldTokens ends what was asked for with tokens that a change of their user has ended.
func (s *server) endAnswersOfOldTokens(user *core.Record) {
	if s.coach != nil {
		s.coach.EndOthers(user.Id, user.TokenKey())
	}
}

func forgetTokens(e *core.RecordEvent) error {
	return inTransaction(e, func(txApp core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		return coach.Forget(txApp, e.Record.Id)
	})
}

type summaryPayload struct {
	Chat string `json:"chat"`
}

func enqueueSummary(txApp core.App, chatID string) error {
	_, err := jobs.Enqueue(txApp, kindSummary, summaryPayload{chatID}, jobs.Options{Unique: chatID})
	return err
}

// sumUp sums up the older part of a chat. A chat goes on without its summary, so a model that fails is not tried for ever.
func (s *server) sumUp(ctx context.Context, app core.App, job jobs.Job) (jobs.Effect, error) {
	var payload summaryPayload
	if err := job.Bind(&payload); err != nil || s.coach == nil {
		return nil, err
	}
	return s.coach.SumUp(ctx, app, payload.Chat)
}

package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

func init() {
	m.Register(coachUp, coachDown)
}

func coachUp(app core.App) error {
	chats := chatsCollection()
	if err := app.Save(chats); err != nil {
		return err
	}
	if err := app.Save(messagesCollection(chats.Id)); err != nil {
		return err
	}
	// No collection: it is counted up with every answer, and nobody has to look at it.
	_, err := app.DB().NewQuery("CREATE TABLE {{coach_tokens}} ([[day]] TEXT NOT NULL, [[user]] TEXT NOT NULL, [[tokens]] INTEGER NOT NULL, PRIMARY KEY ([[day]], [[user]])) WITHOUT ROWID").Execute()
	return err
}

func coachDown(app core.App) error {
	if _, err := app.DB().DropTable("coach_tokens").Execute(); err != nil {
		return err
	}
	for _, name := range []string{"messages", "chats"} {
		if err := deleteCollection(app, name); err != nil {
			return err
		}
	}
	return nil
}

// chatsCollection: a chat begins with its first message, through /v1, and its owner can rename and delete it.
func chatsCollection() *core.Collection {
	chats := core.NewBaseCollection("chats")
	owner := types.Pointer("user = @request.auth.id && @request.auth.id != ''")
	chats.ListRule, chats.ViewRule, chats.UpdateRule, chats.DeleteRule = owner, owner, owner, owner
	chats.Fields.Add(
		&core.RelationField{Name: "user", Required: true, CollectionId: "_pb_users_auth_", MaxSelect: 1, CascadeDelete: true},
		&core.TextField{Name: "title", Required: true, Max: 120, Presentable: true},
		&core.DateField{Name: "last_message_at"},
		&core.TextField{Name: "summary", Max: 8_000, Hidden: true, Help: "Of the messages up to summarised_to, for the model."},
		&core.NumberField{Name: "summarised_to", OnlyInt: true, Hidden: true, Help: "The sequence of the last message in the summary."},
		&core.AutodateField{Name: "created", OnCreate: true},
		&core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
	)
	chats.AddIndex("idx_chats_user", false, "user, last_message_at", "")
	return chats
}

// messagesCollection: both sides of the chats. Their owner reads and deletes them, and says of an answer whether it helped.
func messagesCollection(chats string) *core.Collection {
	messages := core.NewBaseCollection("messages")
	owner := types.Pointer("user = @request.auth.id && @request.auth.id != ''")
	messages.ListRule, messages.ViewRule, messages.UpdateRule, messages.DeleteRule = owner, owner, owner, owner
	messages.Fields.Add(
		&core.RelationField{Name: "chat", Required: true, CollectionId: chats, MaxSelect: 1, CascadeDelete: true},
		&core.RelationField{Name: "user", Required: true, CollectionId: "_pb_users_auth_", MaxSelect: 1, CascadeDelete: true},
		&core.NumberField{Name: "sequence", OnlyInt: true, Help: "Order within the chat, from 1."},
		&core.SelectField{Name: "role", Required: true, Values: []string{"user", "assistant"}, MaxSelect: 1},
		&core.TextField{Name: "content", Max: 100_000},
		&core.SelectField{Name: "state", Required: true, Values: []string{"pending", "streaming", "done", "failed", "stopped"}, MaxSelect: 1},
		&core.TextField{Name: "author", Max: 255, Help: "Who answered: the model's name, or the coach without one."},
		&core.JSONField{Name: "tools", MaxSize: 20_000, Help: "What was looked at: [{name, summary}]."},
		&core.TextField{Name: "error", Max: 100, Help: "Why it failed, in one word."},
		&core.TextField{Name: "finish_reason", Max: 100},
		&core.NumberField{Name: "prompt_tokens", OnlyInt: true},
		&core.NumberField{Name: "completion_tokens", OnlyInt: true},
		&core.TextField{Name: "place", Max: 200, Hidden: true, Help: "What it took of the quota."},
		&core.SelectField{Name: "feedback", Values: []string{"helpful", "not_helpful"}, MaxSelect: 1},
		&core.TextField{Name: "feedback_text", Max: 1_000},
		&core.AutodateField{Name: "created", OnCreate: true},
		&core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
	)
	messages.AddIndex("idx_messages_chat", false, "chat, sequence", "")
	messages.AddIndex("idx_messages_open", false, "user", "state = 'pending' OR state = 'streaming'")
	return messages
}

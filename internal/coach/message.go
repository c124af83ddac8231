package coach

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// State of a message. An answer is pending until its first token, streaming until its end, and then one of the others.
type State string

// The states. Whatever is said of an answer in the last two, what has come of it is its content.
const (
	Pending   State = "pending"
	Streaming State = "streaming"
	Done      State = "done"
	Failed    State = "failed"
	Stopped   State = "stopped"
)

// Fields that code refers to.
const (
	fieldUser     = "user"
	fieldChat     = "chat"
	fieldSequence = "sequence"
	fieldContent  = "content"
	fieldState    = "state"
	fieldPlace    = "place"
)

// MaxContent is how many characters a user may write at once.
const MaxContent = 4_000

// maxTitle is how much of its first message a chat is called by.
const maxTitle = 60

// titleOf is the beginning of a message, on one line, cut at a word where there is one.
func titleOf(content string) string {
	title := strings.Join(strings.Fields(content), " ")
	if utf8.RuneCountInString(title) <= maxTitle {
		return title
	}
	cut := string([]rune(title)[:maxTitle])
	if space := strings.LastIndexByte(cut, ' '); space > maxTitle/2 {
		cut = cut[:space]
	}
	return cut + "…"
}

// openChat finds a chat of the user, or begins one with its first message.
func openChat(txApp core.App, userID, chatID, content string, now time.Time) (*core.Record, error) {
	if chatID != "" {
		chat, err := txApp.FindRecordById(CollectionChats, chatID)
		if errors.Is(err, sql.ErrNoRows) || err == nil && chat.GetString(fieldUser) != userID {
			return nil, ErrNoChat
		}
		if err != nil {
			return nil, fmt.Errorf("find chat: %w", err)
		}
		chat.Set("last_message_at", now)
		return chat, txApp.Save(chat)
	}
	collection, err := txApp.FindCachedCollectionByNameOrId(CollectionChats)
	if err != nil {
		return nil, err
	}
	chat := core.NewRecord(collection)
	chat.Load(map[string]any{fieldUser: userID, "title": titleOf(content), "last_message_at": now})
	return chat, txApp.Save(chat)
}

// addMessage adds a message at the end of a chat.
func addMessage(txApp core.App, chat *core.Record, fields map[string]any) (*core.Record, error) {
	collection, err := txApp.FindCachedCollectionByNameOrId(CollectionMessages)
	if err != nil {
		return nil, err
	}
	var last int
	// A summary stands for messages up to a number, whether they are still there or not.
	if err := txApp.DB().Select("coalesce(max([[sequence]]), 0)").From(CollectionMessages).Where(dbx.HashExp{fieldChat: chat.Id}).Row(&last); err != nil {
		return nil, fmt.Errorf("number message: %w", err)
	}
	last = max(last, chat.GetInt("summarised_to"))
	message := core.NewRecord(collection)
	message.Load(fields)
	message.Load(map[string]any{fieldChat: chat.Id, fieldUser: chat.GetString(fieldUser), fieldSequence: last + 1})
	return message, txApp.Save(message)
}

// historySize is how many messages before the question are sent along word by word, at most.
const historySize = 24

// historyOf are the messages of a chat that no summary has, before a sequence, and that have something to say; the earliest
// first.
func historyOf(app core.App, chat *core.Record, before int) ([]Turn, error) {
	rows, err := messagesBetween(app, chat.Id, chat.GetInt("summarised_to"), before, historySize)
	if err != nil {
		return nil, err
	}
	turns := make([]Turn, len(rows))
	for i, row := range rows {
		turns[i] = row.Turn
	}
	return turns, nil
}

// said is a message with its place in a chat.
type said struct {
	Turn
	Sequence int `db:"sequence"`
}

// messagesBetween are the last messages of a chat with a text whose sequence is between two, both excluded, the earliest first.
func messagesBetween(app core.App, chatID string, after, before, most int) ([]said, error) {
	var rows []said
	err := app.ConcurrentDB().Select("role", "content", "sequence").From(CollectionMessages).Where(dbx.HashExp{fieldChat: chatID}).
		AndWhere(dbx.NewExp("[[sequence]] > {:after} AND [[sequence]] < {:before} AND [[content]] != ''", dbx.Params{"after": after, "before": before})).
		OrderBy("sequence DESC").Limit(int64(most)).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	slices.Reverse(rows)
	return rows, nil
}

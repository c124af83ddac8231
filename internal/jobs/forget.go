package jobs

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Traces is what tells the jobs that refer to a person. A job names records only by their ids, in texts, so that no
// relation leads to it.
type Traces struct {
	IDs   map[string]bool // of records; whole words of a job's payload, key and host
	Texts []string        // lower case, such as addresses; anywhere in these and in the last error
}

// Forget deletes the jobs that refer to a person, in the caller's transaction. What a running one among them comes to is
// void, because its lease is gone. The job own, which does the forgetting, stays to be finished, emptied of all that it
// holds.
func Forget(txApp core.App, traces Traces, own string) error {
	found, err := find(txApp, traces)
	if err != nil {
		return fmt.Errorf("forget jobs: %w", err)
	}
	for _, id := range found {
		if id == own {
			continue
		}
		if _, err := txApp.NonconcurrentDB().Delete(Collection, dbx.HashExp{"id": id}).Execute(); err != nil {
			return fmt.Errorf("forget jobs: %w", err)
		}
	}
	_, err = txApp.NonconcurrentDB().Update(Collection, dbx.Params{"payload": "null", "unique_key": "", "host": "", "last_error": ""},
		dbx.HashExp{"id": own}).Execute()
	if err != nil {
		return fmt.Errorf("forget jobs: %w", err)
	}
	return nil
}

func find(txApp core.App, traces Traces) (ids []string, err error) {
	rows, err := txApp.DB().Select("id", "payload", "unique_key", "host", "last_error").From(Collection).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var job struct {
			ID        string        `db:"id"`
			Payload   types.JSONRaw `db:"payload"`
			UniqueKey string        `db:"unique_key"`
			Host      string        `db:"host"`
			LastError string        `db:"last_error"`
		}
		if err := rows.ScanStruct(&job); err != nil {
			return nil, err
		}
		if traces.in(string(job.Payload) + "\n" + job.UniqueKey + "\n" + job.Host + "\n" + job.LastError) {
			ids = append(ids, job.ID)
		}
	}
	return ids, rows.Err()
}

func (t Traces) in(text string) bool {
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, word := range words {
		if t.IDs[word] {
			return true
		}
	}
	lower := strings.ToLower(text)
	for _, trace := range t.Texts {
		if strings.Contains(lower, trace) {
			return true
		}
	}
	return false
}

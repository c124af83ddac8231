package account

import "github.com/pocketbase/pocketbase/core"

// exported is a collection as a user's export has it. A test holds that each of its fields is either in fields or in
// without, so that whoever adds one has to decide.
type exported struct {
	collection string
	file       string   // its two files are named so, with .json and .csv
	owner      string   // the column that holds the user's id
	about      string   // for the README of the export
	order      []string // columns that sort it; the id decides between equals
	batch      int      // rows in memory at once
	fields     []string // in the order of the files, hidden ones included
	without    map[string]string
}

// Reasons why fields are left out.
const (
	isOwner    = "the user's own id, the same in every row"
	isSecret   = "a secret of the server"
	isInternal = "how the server does its work, nothing about the user"
)

const rowsAtOnce = 200

// exportTable lists what an export consists of, in its order.
func exportTable() []exported {
	return []exported{
		{
			collection: Collection, file: "profile", owner: core.FieldNameId, about: "your account", batch: 1,
			fields: []string{
				core.FieldNameId, FieldUsername, core.FieldNameEmail, core.FieldNameEmailVisibility, core.FieldNameVerified, FieldPendingEmail,
				FieldIsActive, FieldIsSuperuser, FieldTier, FieldPaymentStatus, FieldMountainProjectURL, FieldEightANuURL, FieldMtnProjectLastSync,
				FieldEightALastSync, FieldLastLogin, FieldDeactivatedAt, "created", "updated",
			},
			without: map[string]string{
				core.FieldNamePassword: isSecret,
				core.FieldNameTokenKey: isSecret,
				FieldBannedAt:          "empty for whoever can ask for an export: it ends every login",
				FieldEraseAt:           "empty for whoever can ask for an export: signing in calls an erasure off",
			},
		},
		{
			collection: "ticks", file: "ticks", owner: "user", about: "your logbook, oldest climb first", order: []string{"date", "day_order"}, batch: rowsAtOnce,
			fields: []string{
				"id", "date", "day_order", "route_name", "route_id", "route_url", "route_type", "grade", "grade_system", "grade_low", "grade_high",
				"danger", "your_grade", "disciplines", "style", "lead_style", "result", "pitches", "length_ft", "location", "avg_stars", "your_stars",
				"notes", "attempts", "feel", "traits", "date_precision", "source", "source_id", "edited", "gone_at", "created", "updated",
			},
			without: map[string]string{
				"user":        isOwner,
				"identity":    "made of the other fields",
				"fingerprint": "a checksum of the other fields",
			},
		},
		{
			collection: "imports", file: "imports", owner: "user", about: "the logbook files that you imported, with what came of them",
			order: []string{"created"}, batch: 10, // reports are large
			fields: []string{"id", "source", "mode", "file_name", "file_bytes", "state", "progress", "error", "report", "created", "updated"},
			without: map[string]string{
				"user":       isOwner,
				"file":       "the file that you uploaded yourself; it is deleted when the import ends",
				"ticks_done": isInternal,
			},
		},
		{
			collection: "sync_runs", file: "sync_runs", owner: "user", about: "the times when we fetched your linked profiles", order: []string{"created"}, batch: rowsAtOnce,
			fields:  []string{"id", "source", "status", "progress", "counts", "error", "reason", "retry_at", "finished_at", "created", "updated"},
			without: map[string]string{"user": isOwner},
		},
		{
			collection: "profile_sources", file: "profile_sources", owner: "user", about: "your linked profiles, and when they are fetched again", batch: rowsAtOnce,
			fields: []string{"id", "source", "url", "failures", "last_run", "next_run", "created", "updated"},
			without: map[string]string{
				"user": isOwner,
				"etag": isInternal, "last_modified": isInternal, "content_hash": isInternal,
			},
		},
		{
			collection: "usage", file: "usage", owner: "user", about: "how many messages you sent to the coach in 24 hours; window has the last two days' times in Unix milliseconds, each with a number", batch: 1,
			fields: []string{"daily_message_count", "last_message_date", "max_daily_messages", "resets_at", "window", "created", "updated"},
			without: map[string]string{
				"id": isOwner, "user": isOwner,
				"version": isInternal,
			},
		},
		{
			collection: "chats", file: "chats", owner: "user", about: "your chats with the coach", order: []string{"created"}, batch: rowsAtOnce,
			fields:  []string{"id", "title", "last_message_at", "summary", "summarised_to", "created", "updated"},
			without: map[string]string{"user": isOwner},
		},
		{
			collection: "messages", file: "messages", owner: "user", about: "what was said in your chats, and what you thought of the answers", order: []string{"chat", "sequence"}, batch: 50, // answers are long
			fields: []string{
				"id", "chat", "sequence", "role", "content", "state", "author", "tools", "error", "finish_reason", "prompt_tokens", "completion_tokens",
				"feedback", "feedback_text", "created", "updated",
			},
			without: map[string]string{"user": isOwner, "place": isInternal},
		},
		{
			collection: "usage_days", file: "usage_days", owner: "user", about: "how many messages you sent to the coach on each day (UTC)", order: []string{"day"}, batch: rowsAtOnce,
			fields:  []string{"day", "messages"},
			without: map[string]string{"id": isInternal, "user": isOwner},
		},
		{
			collection: "stripe_customers", file: "customer", owner: "user", about: "what you are to Stripe, who takes the payments: card and address are there and not here", batch: 1,
			fields: []string{"id", "customer", "generation", "subscription", "grace_until", "synced_at", "created", "updated"},
			without: map[string]string{
				"user":  isOwner,
				"alert": "a note to the administrators about their own set-up",
			},
		},
		{
			collection: "subscriptions", file: "subscriptions", owner: "user", about: "your paid plans, as Stripe has them", order: []string{"started_at"}, batch: rowsAtOnce,
			fields: []string{
				"id", "stripe_id", "customer", "status", "price", "tier", "cancel_at_period_end", "period_start", "period_end", "started_at",
				"ended_at", "latest_invoice", "refund_due", "created", "updated",
			},
			without: map[string]string{"user": isOwner},
		},
		{
			collection: "stripe_intents", file: "payment_requests", owner: "user", about: "what you asked for and we passed on to Stripe: checkouts, changes of plan, cancellations",
			order: []string{"created"}, batch: rowsAtOnce,
			fields: []string{"id", "kind", "state", "object", "expires_at", "created", "updated"},
			without: map[string]string{
				"user":   isOwner,
				"params": "made of the other fields and of your account",
				"key":    isInternal, "client_key": isInternal, "error": isInternal, "attempts": isInternal, "sent_at": isInternal, "next_at": isInternal,
			},
		},
		{
			collection: "sessions", file: "sessions", owner: "user", about: "where you are signed in", order: []string{"started"}, batch: rowsAtOnce,
			fields:  []string{"id", "method", "address", "user_agent", "started", "refreshed", "expires"},
			without: map[string]string{"user": isOwner},
		},
		{
			collection: "audit_log", file: "audit_log", owner: "user", about: "what happened to your account: logins, changes, exports", order: []string{"created"}, batch: rowsAtOnce,
			fields:  []string{"id", "event", "request_id", "address", "details", "created"},
			without: map[string]string{"user": isOwner},
		},
		{
			collection: "outbox", file: "mails", owner: "user", about: "the mails that we sent to you", order: []string{"created"}, batch: rowsAtOnce,
			fields: []string{"id", "kind", "to", "subject", "state", "sent_at", "created"},
			without: map[string]string{
				"user": isOwner,
				"html": "you have the mail, and its links are secrets", "text": "you have the mail, and its links are secrets",
				"key": isInternal, "attempts": isInternal, "uncertain": isInternal, "last_error": isInternal, "message_id": isInternal,
				"claimed_until": isInternal, "updated": isInternal,
			},
		},
		{
			collection: core.CollectionNameExternalAuths, file: "linked_logins", owner: fieldRecordRef, about: "accounts elsewhere that you sign in with",
			order: []string{"created"}, batch: rowsAtOnce,
			fields: []string{"provider", "providerId", "created", "updated"},
			without: map[string]string{
				"id": isInternal, fieldCollectionRef: isInternal,
				fieldRecordRef: isOwner,
			},
		},
	}
}

// notExported lists, with the reason, the collections that refer to users and are in no export.
func notExported() map[string]string {
	return map[string]string{
		core.CollectionNameMFAs:        "a login that is half done, for minutes",
		core.CollectionNameOTPs:        "a one-time password, for minutes, and a secret",
		core.CollectionNameAuthOrigins: "checksums of devices, by which new ones are noticed; sessions has what there is to read",
	}
}

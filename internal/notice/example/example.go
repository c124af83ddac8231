// Package example holds one invented message of each kind, for the preview and the golden files.
package example

import (
	"time"

	"github.com/cragbase/cragbase/internal/notice"
)

// Site is the product of the examples.
func Site() notice.Site { return notice.Site{Name: "Cragbase", URL: "https://climb.example.com"} }

// Username is who the examples are written to.
const Username = "olga"

// Example is a message and the name of its files.
type Example struct {
	Name    string
	Message notice.Message
}

// All returns at least one message of every kind, and one for each way in which a message can differ.
func All() []Example {
	return append(account(), append(billing(), logbook()...)...)
}

// moment is a time within the examples' story.
func moment(day, hour, minute int) time.Time {
	return time.Date(2026, time.November, day, hour, minute, 0, 0, time.UTC)
}

// link has a token of the shape that PocketBase's have.
func link(expires time.Time) notice.Link {
	return notice.Link{Token: "eyJhbGciOiJIUzI1NiJ9.eyJpZCI6ImV4YW1wbGUifQ.c2lnbmF0dXJlLW9mLWFuLWV4YW1wbGU", Expires: expires}
}

func account() []Example {
	return []Example{
		{"welcome", notice.Welcome{Link: link(moment(24, 8, 0))}},
		{"welcome-verified", notice.Welcome{}},
		{"verification", notice.Verification{Link: link(moment(24, 8, 0))}},
		{"password_reset", notice.PasswordReset{Link: link(moment(23, 8, 30))}},
		{"password_changed", notice.PasswordChanged{At: moment(23, 8, 4)}},
		{"email_change", notice.EmailChange{Link: link(moment(23, 8, 30)), NewEmail: "olga.new@example.com"}},
		{"email_changing", notice.EmailChanging{NewEmail: "olga.new@example.com", At: moment(23, 8, 0)}},
		{"email_changed", notice.EmailChanged{NewEmail: "olga.new@example.com", At: moment(23, 8, 9)}},
		{"sign_up_again", notice.SignUpAgain{At: moment(23, 8, 0)}},
		{"too_many_attempts", notice.TooManyAttempts{At: moment(23, 8, 0), Until: moment(23, 8, 15)}},
		{"deactivated", notice.Deactivated{At: moment(23, 8, 0)}},
		{"deactivated-paid", notice.Deactivated{At: moment(23, 8, 0), Plan: "Basic"}},
		{"reactivated", notice.Reactivated{At: moment(28, 19, 12)}},
		{"erasure_scheduled", notice.ErasureScheduled{At: moment(10, 8, 0), EraseAt: moment(24, 8, 0)}},
		{"erasure_scheduled-paid", notice.ErasureScheduled{At: moment(10, 8, 0), EraseAt: moment(24, 8, 0), Plan: "Basic"}},
	}
}

func billing() []Example {
	basic, premium := notice.Money{Amount: 999, Currency: "usd"}, notice.Money{Amount: 2999, Currency: "usd"}
	return []Example{
		{"subscription_started", notice.SubscriptionStarted{Plan: "Basic", Price: basic, Interval: "month", NextBilling: moment(23, 8, 0).AddDate(0, 1, 0)}},
		{"subscription_changed", notice.SubscriptionChanged{From: "Basic", To: "Premium", Price: premium, Interval: "month", NextBilling: moment(23, 8, 0).AddDate(0, 1, 0)}},
		{"subscription_cancelled", notice.SubscriptionCancelled{Plan: "Premium"}},
		{"subscription_cancelled-at-end", notice.SubscriptionCancelled{Plan: "Premium", EndsAt: moment(30, 8, 0)}},
		{"subscription_resumed", notice.SubscriptionResumed{Plan: "Premium", Price: premium, Interval: "month", NextBilling: moment(30, 8, 0)}},
		{"payment_failed", notice.PaymentFailed{Plan: "Basic", Amount: basic, GraceUntil: moment(30, 8, 0)}},
		{"payment_failed-suspended", notice.PaymentFailed{Plan: "Basic", Amount: basic, Suspended: true}},
		{"payment_failed-unchanged", notice.PaymentFailed{Plan: "Premium", Amount: premium}},
	}
}

func logbook() []Example {
	return []Example{
		{"sync_failed", notice.SyncFailed{Source: "Mountain Project", Reason: "The profile was not found at its address.", LastSynced: moment(19, 4, 31)}},
		{"sync_failed-never-read", notice.SyncFailed{Source: "8a.nu", Reason: "The profile is private."}},
		{"quota_lifted", notice.QuotaLifted{Limit: 25}},
	}
}

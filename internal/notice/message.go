package notice

import "time"

// Link is the secret part of a link that proves who follows it.
type Link struct {
	Token   string
	Expires time.Time
}

// Welcome greets a new user. Without a token the address is verified already.
type Welcome struct{ Link }

// Verification carries the link that proves that an address is the user's, sent again on request.
type Verification struct{ Link }

// PasswordReset carries the link to choose a new password.
type PasswordReset struct{ Link }

// PasswordChanged tells that the password is another one now.
type PasswordChanged struct{ At time.Time }

// EmailChange goes to the new address and carries the link that makes it the user's.
type EmailChange struct {
	Link
	NewEmail string
}

// EmailChanging goes to the present address when somebody asks for another one.
type EmailChanging struct {
	NewEmail string
	At       time.Time
}

// EmailChanged goes to the former address when the new one is confirmed.
type EmailChanged struct {
	NewEmail string
	At       time.Time
}

// TooManyAttempts tells of a lock after wrong passwords.
type TooManyAttempts struct {
	At    time.Time // of the last wrong password
	Until time.Time // when the lock ends
}

// SignUpAgain tells that somebody tried to sign up with the address of an account.
type SignUpAgain struct{ At time.Time }

// Deactivated tells that the account rests.
type Deactivated struct {
	At   time.Time
	Plan string // name of the paid plan that was cancelled with it; empty: none
}

// Reactivated tells that a login ended the rest.
type Reactivated struct{ At time.Time }

// ErasureScheduled tells when everything will be erased.
type ErasureScheduled struct {
	At      time.Time // when it was asked for
	EraseAt time.Time // until then a login restores the account
	Plan    string    // name of the paid plan that was cancelled with it; empty: none
}

// SubscriptionStarted tells of a first payment.
type SubscriptionStarted struct {
	Plan        string // its name
	Price       Money
	Interval    string // "month" or "year"
	NextBilling time.Time
}

// SubscriptionChanged tells of another paid plan, up or down.
type SubscriptionChanged struct {
	From, To    string // names of the plans
	Price       Money  // of the new plan
	Interval    string // "month" or "year"
	NextBilling time.Time
}

// SubscriptionCancelled tells of the end of a paid plan, now or at the end of the paid period.
type SubscriptionCancelled struct {
	Plan   string
	EndsAt time.Time // zero: it has ended
}

// SubscriptionResumed tells that a cancellation at the end of the paid period was taken back.
type SubscriptionResumed struct {
	Plan        string
	Price       Money
	Interval    string // "month" or "year"
	NextBilling time.Time
}

// PaymentFailed tells that a charge did not go through: for a change of plan, which then did not happen, or for a renewal.
type PaymentFailed struct {
	Plan       string    // that was to be paid
	Amount     Money     // of the invoice of a renewal
	GraceUntil time.Time // how long the plan stays without the payment; zero: nothing was changed by the failure
	Suspended  bool      // there is no grace (any more): the user is on the free plan until the renewal is paid
}

// SyncFailed tells that a logbook site could not be read three times in a row.
type SyncFailed struct {
	Source     string    // name of the site
	Reason     string    // one sentence written for users
	LastSynced time.Time // zero: never
}

// QuotaLifted tells that the coach can be written to again.
type QuotaLifted struct {
	Limit int // messages in 24 hours
}

// Kind of the message.
func (Welcome) Kind() Kind { return KindWelcome }

// Kind of the message.
func (Verification) Kind() Kind { return KindVerification }

// Kind of the message.
func (PasswordReset) Kind() Kind { return KindPasswordReset }

// Kind of the message.
func (PasswordChanged) Kind() Kind { return KindPasswordChanged }

// Kind of the message.
func (EmailChange) Kind() Kind { return KindEmailChange }

// Kind of the message.
func (EmailChanging) Kind() Kind { return KindEmailChanging }

// Kind of the message.
func (EmailChanged) Kind() Kind { return KindEmailChanged }

// Kind of the message.
func (TooManyAttempts) Kind() Kind { return KindTooManyAttempts }

// Kind of the message.
func (SignUpAgain) Kind() Kind { return KindSignUpAgain }

// Kind of the message.
func (Deactivated) Kind() Kind { return KindDeactivated }

// Kind of the message.
func (Reactivated) Kind() Kind { return KindReactivated }

// Kind of the message.
func (ErasureScheduled) Kind() Kind { return KindErasureScheduled }

// Kind of the message.
func (SubscriptionStarted) Kind() Kind { return KindSubscriptionStarted }

// Kind of the message.
func (SubscriptionChanged) Kind() Kind { return KindSubscriptionChanged }

// Kind of the message.
func (SubscriptionCancelled) Kind() Kind { return KindSubscriptionCancelled }

// Kind of the message.
func (SubscriptionResumed) Kind() Kind { return KindSubscriptionResumed }

// Kind of the message.
func (PaymentFailed) Kind() Kind { return KindPaymentFailed }

// Kind of the message.
func (SyncFailed) Kind() Kind { return KindSyncFailed }

// Kind of the message.
func (QuotaLifted) Kind() Kind { return KindQuotaLifted }

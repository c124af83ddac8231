// Package notice tells users by e-mail what happened to their account. A mail is written into the outbox in the
// transaction of what it tells, and sent from there as often as it takes until the mail server has it.
package notice

// Kind names a message, in the outbox and in metrics.
type Kind string

// The kinds of messages.
const (
	KindWelcome               Kind = "welcome"
	KindVerification          Kind = "verification"
	KindPasswordReset         Kind = "password_reset"
	KindPasswordChanged       Kind = "password_changed"
	KindEmailChange           Kind = "email_change"
	KindEmailChanging         Kind = "email_changing"
	KindEmailChanged          Kind = "email_changed"
	KindTooManyAttempts       Kind = "too_many_attempts"
	KindDeactivated           Kind = "deactivated"
	KindReactivated           Kind = "reactivated"
	KindSignUpAgain           Kind = "sign_up_again"
	KindErasureScheduled      Kind = "erasure_scheduled"
	KindSubscriptionStarted   Kind = "subscription_started"
	KindSubscriptionChanged   Kind = "subscription_changed"
	KindSubscriptionCancelled Kind = "subscription_cancelled"
	KindSubscriptionResumed   Kind = "subscription_resumed"
	KindPaymentFailed         Kind = "payment_failed"
	KindSyncFailed            Kind = "sync_failed"
	KindQuotaLifted           Kind = "quota_lifted"
)

// Kinds lists them all, in the order in which a user may meet them.
func Kinds() []Kind {
	return []Kind{
		KindWelcome, KindVerification, KindPasswordReset, KindPasswordChanged, KindEmailChange, KindEmailChanging,
		KindEmailChanged, KindSignUpAgain, KindTooManyAttempts, KindDeactivated, KindReactivated, KindErasureScheduled,
		KindSubscriptionStarted, KindSubscriptionChanged, KindSubscriptionCancelled, KindSubscriptionResumed, KindPaymentFailed,
		KindSyncFailed, KindQuotaLifted,
	}
}

// carriesToken reports whether a mail of the kind holds a link that is as good as a password while it is valid.
func (k Kind) carriesToken() bool {
	return k == KindWelcome || k == KindVerification || k == KindPasswordReset || k == KindEmailChange
}

// reachesDeactivated reports whether the kind goes out to a user who has deactivated the account: nothing does but what
// tells about just that, or answers what they did themselves.
func (k Kind) reachesDeactivated() bool {
	return k == KindDeactivated || k == KindErasureScheduled || k == KindSignUpAgain
}

// Notice is a message to one user.
type Notice struct {
	UserID  string
	To      string // empty: the user's e-mail address at this moment
	Key     string // a key is queued once, whatever the message; empty: queued every time
	Message Message
}

// Message is what a notice says: one of the types of this package.
type Message interface {
	Kind() Kind
}

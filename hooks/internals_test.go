package hooks

// EnqueueErasure is for tests outside of the package.
var EnqueueErasure = enqueueErasure

// Errors of Deps.CheckPrice, for tests outside of the package.
var (
	ErrUnknownPrice  = errUnknownPrice
	ErrUnusablePrice = errUnusablePrice
)

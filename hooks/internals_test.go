package hooks

// EnqueueErasure is for tests outside of the package.
var EnqueueErasure = enqueueErasure

package account

import (
	"errors"

	validation "github.com/go-ozzo/ozzo-validation/v4"
	pbvalidation "github.com/pocketbase/ozzo-validation/v4"
)

// FieldErrors returns the errors of single fields inside err, from our validation rules or from PocketBase's; nil
// when it has none.
func FieldErrors(err error) validation.Errors {
	var ours validation.Errors
	if errors.As(err, &ours) {
		return ours
	}
	var theirs pbvalidation.Errors
	if errors.As(err, &theirs) {
		return validation.Errors(theirs)
	}
	return nil
}

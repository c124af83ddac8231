package mountainproject

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cragbase/cragbase/internal/logbook/profileurl"
)

const (
	host       = "mountainproject.com"
	userPrefix = "https://www.mountainproject.com/user/"

	// maxIDSize bounds the number of a climber or a route; those of today have 9 digits.
	maxIDSize = 18
)

// ErrNotProfile says that an address is not that of a Mountain Project profile; a wrapped error says why.
var ErrNotProfile = errors.New("not the address of a Mountain Project profile (https://www.mountainproject.com/user/<number>)")

// ProfileURL returns the canonical form https://www.mountainproject.com/user/<number> of a profile's address. It accepts
// http, a missing www, the climber's name after the number, the profile's ticks, a trailing slash, a query and a fragment;
// every other address is ErrNotProfile. Two addresses of one profile have the same canonical form.
func ProfileURL(raw string) (string, error) {
	path, err := profileurl.Path(raw, host)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNotProfile, err)
	}
	if len(path) < 2 || path[0] != "user" || !isID(path[1]) || !isProfilePage(path[2:]) {
		return "", ErrNotProfile
	}
	return userPrefix + path[1], nil
}

// isProfilePage accepts what follows the number: nothing, the climber's name, or the name and the page of the ticks.
func isProfilePage(rest []string) bool {
	return len(rest) < 2 || len(rest) == 2 && rest[1] == "ticks"
}

// isID reports whether s is a number as the site writes it: without a leading zero, so that one climber has one address.
func isID(s string) bool {
	return s != "" && len(s) <= maxIDSize && s[0] != '0' && strings.Trim(s, "0123456789") == ""
}

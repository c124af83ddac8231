// Package eightanu knows the logbook site 8a.nu.
package eightanu

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cragbase/cragbase/internal/logbook/profileurl"
)

const (
	host        = "8a.nu"
	userPrefix  = "https://www.8a.nu/user/"
	maxSlugSize = 100
)

// ErrNotProfile says that an address is not that of an 8a.nu profile; the wrapped error says why.
var ErrNotProfile = errors.New("not the address of an 8a.nu profile (https://www.8a.nu/user/<name>)")

// errSlug explains which names a profile can have.
var errSlug = errors.New("the name is not 1 to 100 lower-case letters, digits and hyphens")

// logbookPages are the pages under a profile whose address a climber is likely to paste instead of the profile's own.
var logbookPages = []string{
	"", "ascents", "sportclimbing", "bouldering", "sportclimbing/ascents", "bouldering/ascents",
}

// ProfileURL returns the canonical form https://www.8a.nu/user/<slug> of a profile's address. It accepts http, a missing
// www, a trailing slash, a query, a fragment and the profile's logbook pages; every other address is ErrNotProfile. Two
// addresses of one profile have the same canonical form.
func ProfileURL(raw string) (string, error) {
	path, err := profileurl.Path(raw, host)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNotProfile, err)
	}
	if len(path) < 2 || path[0] != "user" || !slices.Contains(logbookPages, strings.Join(path[2:], "/")) {
		return "", ErrNotProfile
	}
	if !isSlug(path[1]) {
		return "", fmt.Errorf("%w: %w", ErrNotProfile, errSlug)
	}
	return userPrefix + path[1], nil
}

func isSlug(s string) bool {
	return len(s) <= maxSlugSize && strings.Trim(s, "-") != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

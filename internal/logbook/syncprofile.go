package logbook

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"github.com/cragbase/cragbase/internal/logbook/fetch"
)

// CollectionProfiles holds what is known of each linked profile.
const CollectionProfiles = "profile_sources"

// Fields of a profile that code refers to.
const (
	fieldURL          = "url"
	fieldETag         = "etag"
	fieldLastModified = "last_modified"
	fieldHash         = "content_hash"
	fieldFailures     = "failures"
	fieldLastRun      = "last_run"
	fieldNextRun      = "next_run"
)

// stamp writes a time as PocketBase's columns do.
func stamp(t time.Time) string { return t.UTC().Format(types.DefaultDateLayout) }

// findProfile is what is known of a profile, nil when nothing is.
func findProfile(app core.App, userID string, source Source) (*core.Record, error) {
	profile := &core.Record{}
	err := app.RecordQuery(CollectionProfiles).AndWhere(dbx.HashExp{"user": userID, "source": string(source)}).Limit(1).One(profile)
	if isGone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find profile: %w", err)
	}
	return profile, nil
}

// profileOf is what is known of the profile that a user has linked now; it is the caller's to save. Of another one than the
// one before, nothing is known.
func profileOf(app core.App, user *core.Record, site *Site) (*core.Record, error) {
	profile, err := findProfile(app, user.Id, site.Source)
	if err != nil {
		return nil, err
	}
	if profile == nil {
		collection, err := app.FindCachedCollectionByNameOrId(CollectionProfiles)
		if err != nil {
			return nil, err
		}
		profile = core.NewRecord(collection)
		profile.Load(map[string]any{"user": user.Id, "source": string(site.Source)})
	}
	if address := user.GetString(site.URLField); profile.GetString(fieldURL) != address {
		profile.Load(map[string]any{
			fieldURL: address, fieldETag: "", fieldLastModified: "", fieldHash: "", fieldFailures: 0, fieldLastRun: nil,
		})
	}
	return profile, nil
}

func knownVersion(profile *core.Record) fetch.Version {
	return fetch.Version{
		ETag: profile.GetString(fieldETag), LastModified: profile.GetString(fieldLastModified), Hash: profile.GetString(fieldHash),
	}
}

// jitterPart is by what part a pause is longer or shorter, so that profiles that were read together are not for ever.
const jitterPart = 10

func jitter(pause time.Duration) time.Duration {
	part := pause / jitterPart
	if part <= 0 {
		return pause
	}
	return pause - part + rand.N(2*part)
}

// next is when a profile that was read now is read again, nil for never.
func (s *Syncer) next(terms Terms, now time.Time) any {
	if terms.Interval <= 0 {
		return nil
	}
	return now.Add(jitter(terms.Interval))
}

// Pauses after failures.
const (
	firstPause        = time.Hour      // after one that may pass by itself
	firstProfilePause = 24 * time.Hour // after one that its owner has to do something about
	longestPause      = 7 * 24 * time.Hour
)

// retry is when a profile is read again after so many failures in a row; zero for never. Pauses double up to a week, and are
// no shorter than the site asks.
func (s *Syncer) retry(terms Terms, failure *fetch.Error, failures int, now time.Time) time.Time {
	if terms.Interval <= 0 {
		return time.Time{}
	}
	pause := firstPause
	if failure.Reason.OfProfile() || failure.Reason == reasonPlanLimit {
		pause = firstProfilePause
	}
	pause = min(longestPause, pause<<min(max(failures-1, 0), 10))
	return now.Add(max(min(longestPause, jitter(pause)), failure.RetryAfter))
}

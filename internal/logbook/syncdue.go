package logbook

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// accountInUse is the condition of SQL for users u whose account is in use.
const accountInUse = "[[u.is_active]] AND [[u.banned_at]] = ''"

// Schedule ends the runs that no job reads, and queues the profiles that are due, those first that are due longest: of each
// site at most so many that one can be started in every pause of the period, less those that wait already, and spread over
// it. It returns how many.
func (s *Syncer) Schedule(txApp core.App, period, pause time.Duration) (int, error) {
	total := 0
	for i := range s.config.Sites {
		site := &s.config.Sites[i]
		if err := s.closeOrphans(txApp, site); err != nil {
			return total, fmt.Errorf("schedule syncs of %s: %w", site.Name, err)
		}
		if site.Fetch == nil {
			continue
		}
		count, err := s.scheduleSite(txApp, site, period, pause)
		if err != nil {
			return total, fmt.Errorf("schedule syncs of %s: %w", site.Name, err)
		}
		total += count
	}
	return total, nil
}

// mostAtOnce is how many profiles of a site are queued in one transaction.
const mostAtOnce = 100

func (s *Syncer) scheduleSite(txApp core.App, site *Site, period, pause time.Duration) (int, error) {
	now := s.config.Now()
	if err := postponeUnused(txApp, site.Source, now); err != nil {
		return 0, err
	}
	open, err := countOpen(txApp, site.Source)
	if err != nil {
		return 0, err
	}
	room := min(mostAtOnce, int(period/max(pause, time.Millisecond))) - open
	if room <= 0 {
		return 0, nil
	}
	users, err := dueUsers(txApp, site, now, room)
	if err != nil {
		return 0, err
	}
	for i, id := range users {
		user, err := txApp.FindRecordById("users", id)
		if err != nil {
			return i, err
		}
		share := period / time.Duration(len(users))
		at := now.Add(time.Duration(i)*share + rand.N(max(share, 1)))
		if _, _, err := s.queue(txApp, user, site, at); err != nil {
			return i, err
		}
	}
	return len(users), nil
}

// countOpen counts the runs that wait or are under way.
func countOpen(app core.App, source Source) (count int, err error) {
	err = app.DB().NewQuery("SELECT count(*) FROM {{sync_runs}} WHERE " + openRuns).
		Bind(dbx.Params{"source": string(source)}).Row(&count)
	return count, err
}

// dueUsers are the users whose profile of a site is due.
func dueUsers(app core.App, site *Site, now time.Time, most int) ([]string, error) {
	var ids []string
	err := app.DB().NewQuery("SELECT [[p.user]] FROM {{profile_sources}} p JOIN {{users}} u ON [[u.id]] = [[p.user]] " +
		"WHERE [[p.source]] = {:source} AND [[p.next_run]] > '' AND [[p.next_run]] <= {:now} AND " + accountInUse + " AND [[u." + site.URLField + "]] != '' " +
		"ORDER BY [[p.next_run]] LIMIT {:most}").Bind(dbx.Params{"source": string(site.Source), "now": stamp(now), "most": most}).Column(&ids)
	return ids, err
}

// postponeUnused keeps the profiles of accounts that are not in use from standing before all others.
func postponeUnused(txApp core.App, source Source, now time.Time) error {
	_, err := txApp.NonconcurrentDB().NewQuery("UPDATE {{profile_sources}} SET [[next_run]] = {:later} " +
		"WHERE [[source]] = {:source} AND [[next_run]] > '' AND [[next_run]] <= {:now} " +
		"AND NOT EXISTS (SELECT 1 FROM {{users}} u WHERE [[u.id]] = {{profile_sources}}.[[user]] AND " + accountInUse + ")").
		Bind(dbx.Params{"source": string(source), "now": stamp(now), "later": stamp(now.Add(24 * time.Hour))}).Execute()
	return err
}

// Hasten makes the profiles of a user whose plan has another interval now wait no longer than that one.
func (s *Syncer) Hasten(txApp core.App, userID string, interval time.Duration) error {
	return s.hasten(txApp, dbx.HashExp{"user": userID}, interval)
}

// HastenTier does the same for everybody on a plan.
func (s *Syncer) HastenTier(txApp core.App, tier string, interval time.Duration) error {
	return s.hasten(txApp, dbx.NewExp("[[user]] IN (SELECT [[id]] FROM {{users}} WHERE [[tier]] = {:tier})", dbx.Params{"tier": tier}), interval)
}

// hasten counts from when a profile was read last. One that could not be read keeps its pause, unless it was not to be read again
// at all.
func (s *Syncer) hasten(txApp core.App, whose dbx.Expression, interval time.Duration) error {
	if interval <= 0 {
		_, err := txApp.NonconcurrentDB().Update(CollectionProfiles, dbx.Params{"next_run": ""}, whose).Execute()
		return err
	}
	whole, part := int64(interval/time.Second), max(int64(interval/time.Second)/jitterPart, 1)
	after := func(seconds string) string {
		return "strftime('%Y-%m-%d %H:%M:%fZ', CASE [[last_run]] WHEN '' THEN {:now} ELSE [[last_run]] END, (" + seconds + ") || ' seconds')"
	}
	_, err := txApp.NonconcurrentDB().Update(CollectionProfiles,
		dbx.Params{"next_run": dbx.NewExp(after("{:whole} + random() % {:part}"))},
		dbx.And(whose, dbx.NewExp("([[next_run]] = '' OR [[failures]] = 0 AND [[next_run]] > "+after("{:whole} + {:part}")+")"))).
		Bind(dbx.Params{"now": stamp(s.config.Now()), "whole": whole, "part": part}).Execute()
	if err != nil {
		return fmt.Errorf("hasten syncs: %w", err)
	}
	return nil
}

// Adopt makes the schedule know of profiles that were linked before there was one. They are read within a day.
func (s *Syncer) Adopt(app core.App) error {
	for i := range s.config.Sites {
		site := &s.config.Sites[i]
		_, err := app.NonconcurrentDB().NewQuery("INSERT INTO {{profile_sources}} ([[id]], [[user]], [[source]], [[url]], [[next_run]], [[created]], [[updated]]) " +
			"SELECT substr(lower(hex(randomblob(8))), 1, 15), [[u.id]], {:source}, [[u." + site.URLField + "]], " +
			"strftime('%Y-%m-%d %H:%M:%fZ', {:now}, abs(random() % 86400) || ' seconds'), {:now}, {:now} FROM {{users}} u WHERE [[u." + site.URLField + "]] != '' " +
			"AND NOT EXISTS (SELECT 1 FROM {{profile_sources}} p WHERE [[p.user]] = [[u.id]] AND [[p.source]] = {:source})").
			Bind(dbx.Params{"source": string(site.Source), "now": stamp(s.config.Now())}).Execute()
		if err != nil {
			return fmt.Errorf("adopt profiles of %s: %w", site.Name, err)
		}
	}
	return nil
}

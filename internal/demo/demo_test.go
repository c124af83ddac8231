package demo

import (
	"errors"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/logbook"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// emptyApp is an app as the first start finds it: migrated, with nobody in it.
func emptyApp(t *testing.T) *pbtest.App {
	t.Helper()
	app := pbtest.New(t)
	for _, table := range []string{account.Collection, core.CollectionNameSuperusers} {
		if _, err := app.DB().Delete(table, nil).Execute(); err != nil {
			t.Fatal(err)
		}
	}
	return app
}

func count(t *testing.T, app core.App, table string, where dbx.Expression) int {
	t.Helper()
	var rows int
	if err := app.DB().Select("count(*)").From(table).Where(where).Row(&rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestSeedCreatesThreeClimbersAndAnAdministrator(t *testing.T) {
	t.Parallel()
	app := emptyApp(t)
	now := time.Now()
	if err := seed(app, now); err != nil {
		t.Fatal(err)
	}
	if n := count(t, app, account.Collection, nil); n != 3 {
		t.Errorf("%d users", n)
	}
	for i := range climbers {
		checkClimber(t, app, &climbers[i], now)
	}
	administrator, err := app.FindAuthRecordByEmail(core.CollectionNameSuperusers, administratorEmail)
	if err != nil || !administrator.ValidatePassword(administratorPassword) {
		t.Errorf("the administrator cannot sign in: %v", err)
	}
}

func checkClimber(t *testing.T, app core.App, c *climber, now time.Time) {
	t.Helper()
	user, err := app.FindAuthRecordByEmail(account.Collection, c.email())
	if err != nil {
		t.Fatal(err)
	}
	if !user.ValidatePassword(climberPassword) || !user.Verified() || !account.MayAct(user) {
		t.Errorf("%s cannot sign in", c.username)
	}
	own := dbx.HashExp{"user": user.Id}
	if n := count(t, app, logbook.Collection, own); n < 500 || n > 700 {
		t.Errorf("%s has %d ticks", c.username, n)
	}
	outside := dbx.Or(
		dbx.NewExp("date >= {:today}", dbx.Params{"today": now.UTC().Format(time.DateOnly)}),
		dbx.NewExp("date < {:start}", dbx.Params{"start": now.UTC().AddDate(-historyYears, 0, 0).Format(time.DateOnly)}),
	)
	if n := count(t, app, logbook.Collection, dbx.And(own, outside)); n > 0 {
		t.Errorf("%s has %d ticks outside of the three years", c.username, n)
	}
	if n := count(t, app, logbook.Collection, dbx.And(own, dbx.HashExp{"grade_system": ""})); n > 0 {
		t.Errorf("%s has %d ticks without a grade", c.username, n)
	}
	checkReport(t, app, own)
}

// checkReport reads what the import answered: nothing was skipped, and there was nothing to warn of.
func checkReport(t *testing.T, app core.App, own dbx.HashExp) {
	t.Helper()
	imports, err := app.FindAllRecords(logbook.CollectionImports, own)
	if err != nil || len(imports) != 1 {
		t.Fatalf("%d imports, %v", len(imports), err)
	}
	var report logbook.Report
	if err := imports[0].UnmarshalJSONField("report", &report); err != nil {
		t.Fatal(err)
	}
	if report.Created != report.Rows || len(report.Skipped)+len(report.Warnings) > 0 {
		t.Errorf("report: %+v", report)
	}
}

func TestSeedAgainChangesNothing(t *testing.T) {
	t.Parallel()
	app := emptyApp(t)
	if err := Seed(app); err != nil {
		t.Fatal(err)
	}
	newcomer, err := app.FindFirstRecordByData(account.Collection, account.FieldUsername, "anna")
	if err != nil {
		t.Fatal(err)
	}
	newcomer.Set(account.FieldUsername, "anna.b")
	if err := app.Save(newcomer); err != nil {
		t.Fatal(err)
	}
	tables := []string{account.Collection, core.CollectionNameSuperusers, logbook.Collection, logbook.CollectionImports, paramsTable}
	before := map[string]int{}
	for _, table := range tables {
		before[table] = count(t, app, table, nil)
	}
	if err := seed(app, time.Now().AddDate(0, 1, 0)); err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if after := count(t, app, table, nil); after != before[table] {
			t.Errorf("%s: %d rows, now %d", table, before[table], after)
		}
	}
	if n := count(t, app, account.Collection, dbx.HashExp{account.FieldUsername: "anna.b"}); n != 1 {
		t.Error("a change made during the demo is lost")
	}
}

func TestSeedRefusesADatabaseWithUsers(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	if err := Seed(app); !errors.Is(err, ErrNotDemo) {
		t.Errorf("Seed: %v", err)
	}
	if n := count(t, app, logbook.Collection, nil); n != 0 {
		t.Errorf("%d ticks were written", n)
	}
	if err := Refuse(app); err != nil {
		t.Errorf("the database is marked: %v", err)
	}
}

// An administrator can be made on the command line before the first start.
func TestSeedBesideAnAdministrator(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	if _, err := app.DB().Delete(account.Collection, nil).Execute(); err != nil {
		t.Fatal(err)
	}
	if err := Seed(app); err != nil {
		t.Fatal(err)
	}
	if n := count(t, app, core.CollectionNameSuperusers, nil); n != 2 {
		t.Errorf("%d administrators, want the one from before and the demo's", n)
	}
}

func TestSeedIsAllOrNothing(t *testing.T) {
	t.Parallel()
	app := emptyApp(t)
	broken := errors.New("disk full")
	app.OnRecordCreate(core.CollectionNameSuperusers).BindFunc(func(*core.RecordEvent) error { return broken })
	if err := Seed(app); !errors.Is(err, broken) {
		t.Fatalf("Seed: %v", err)
	}
	if n := count(t, app, account.Collection, nil) + count(t, app, logbook.Collection, nil); n != 0 {
		t.Errorf("%d users and ticks are left", n)
	}
	if err := Refuse(app); err != nil {
		t.Errorf("the database is marked: %v", err)
	}
}

func TestRefuseKnowsADemo(t *testing.T) {
	t.Parallel()
	app := emptyApp(t)
	if err := Refuse(app); err != nil {
		t.Errorf("an empty database: %v", err)
	}
	if err := Seed(app); err != nil {
		t.Fatal(err)
	}
	if err := Refuse(app); !errors.Is(err, ErrDemo) {
		t.Errorf("a demo: %v", err)
	}
}

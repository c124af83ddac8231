// Package hooks binds Cragbase to PocketBase's events, and is the only package that speaks HTTP.
package hooks

import (
	"io/fs"
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/analytics"
	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/coach"
	"github.com/cragbase/cragbase/internal/coach/tools"
	"github.com/cragbase/cragbase/internal/health"
	"github.com/cragbase/cragbase/internal/jobs"
	"github.com/cragbase/cragbase/internal/logbook"
	"github.com/cragbase/cragbase/internal/notice"
	"github.com/cragbase/cragbase/internal/ratelimit"
	"github.com/cragbase/cragbase/internal/usage"
)

// Deps are what the handlers and hooks work with.
type Deps struct {
	Version  string
	Origins  []string          // other web origins that may call the API
	Public   fs.FS             // the built web app
	Now      func() time.Time  // the clock; nil: time.Now
	Coach    coach.Config      // who answers; what it asks of others is bound here. Without an Answerer there is no coach
	MailKept bool              // mails are written to the outbox and not sent (demo)
	Crons    map[string]string // other cron expressions for schedules, by name
	Metrics  string            // host:port that Prometheus metrics are served on; "": nowhere

	SignUpsPerHour int // accounts that one network may open in an hour; 0: defaultSignUps

	Sites Sites // whose profiles are read

	Billing billing.Config // what it asks of others is bound here
	Sandbox http.Handler   // the pages of a Stripe that lives in this process (demo); nil: none
}

// server holds the parts that live as long as the process.
type server struct {
	Deps
	sessions *account.Sessions
	gate     *account.Gate
	throttle *account.Throttle
	usage    *usage.Counter
	expirer  *usage.Expirer
	billing  *billing.Billing
	coach    *coach.Coach // nil: none
	kit      *tools.Kit
	syncer   *logbook.Syncer
	database *health.Database
	outbox   *notice.Outbox
	mails    pendingMails
	runner   *jobs.Runner
	cron     *jobs.Scheduler
	metrics  *metrics
	answers  *analytics.Answers
	allowed  methodTable
	limits   []addressLimit
	exports  *ratelimit.Limiter // by user
	emails   *ratelimit.Limiter // changes of address, by user
	stripe   *ratelimit.Limiter // requests that call Stripe, by user
}

// Bind registers everything that Cragbase adds to an app. It must run before the app is served.
func Bind(app core.App, deps Deps) error {
	if deps.Now == nil {
		deps.Now = time.Now
	}
	sessions, err := account.NewSessions(deps.Now)
	if err != nil {
		return err
	}
	counter, err := usage.NewCounter()
	if err != nil {
		return err
	}
	s := &server{Deps: deps, sessions: sessions, usage: counter, database: &health.Database{}, metrics: newMetrics()}
	if s.answers, err = analytics.NewAnswers(); err != nil {
		return err
	}
	s.expirer = usage.NewExpirer(deps.Now)
	s.gate = account.NewGate()
	s.throttle = account.NewThrottle(s.gate, deps.Now)
	if s.limits, err = newLimits(deps.SignUpsPerHour); err != nil {
		return err
	}
	if s.exports, err = ratelimit.New(exportsAnHour, exportsAnHour); err != nil {
		return err
	}
	if s.emails, err = ratelimit.New(emailsAnHour, emailsAnHour); err != nil {
		return err
	}
	if s.stripe, err = ratelimit.New(stripeBurst, stripePerHour); err != nil {
		return err
	}
	s.billing = billing.New(s.billingConfig())
	if s.kit, err = tools.New(); err != nil {
		return err
	}
	if s.coach, err = coach.New(s.coachConfig()); err != nil {
		return err
	}
	s.syncer = s.newSyncer()
	s.outbox = notice.New(enqueueMail, deps.Now, notice.KeepAll(deps.MailKept))
	if s.runner, err = jobs.New(jobs.Config{Kinds: s.kinds(), Now: deps.Now, OnEnd: s.countJob}); err != nil {
		return err
	}
	if s.cron, err = jobs.NewScheduler(s.schedules(), deps.Now); err != nil {
		return err
	}
	s.bindRecords(app)
	s.bindUsage(app)
	s.bindUsers(app)
	s.bindTicks(app)
	s.bindChats(app)
	s.bindCustomers(app)
	s.bindPlans(app)
	s.bindLogins(app)
	s.bindPasswords(app)
	s.bindSessions(app)
	s.bindMail(app)
	s.bindJobs(app)
	bindLogs(app)
	bindRealtime(app)
	if deps.MailKept {
		keepMail(app)
	}
	s.bindServe(app)
	return nil
}

package hooks

import (
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/pocketbase/pocketbase/tools/router"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/cragbase/cragbase/internal/jobs"
)

// metrics are what the server counts, in a registry of its own so that several apps can live in one process.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	logins   *prometheus.CounterVec
	jobs     *prometheus.HistogramVec
	mails    *prometheus.CounterVec
	syncs    *prometheus.CounterVec
	synced   *prometheus.CounterVec

	tierChanges   *prometheus.CounterVec
	cancellations *prometheus.CounterVec
	answers       *prometheus.HistogramVec
	tokens        *prometheus.CounterVec
	spent         prometheus.Counter
	webhooks      *prometheus.CounterVec
	alerts        *prometheus.CounterVec
	stripe        *prometheus.HistogramVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "cragbase_http_request_duration_seconds", Help: "Requests by route and status.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route", "status"}),
		logins: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cragbase_logins_total", Help: "Logins by method.",
		}, []string{"method"}),
		jobs: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "cragbase_job_duration_seconds", Help: "Attempts at jobs by kind and how they ended: done, retry, dead, returned or lost.",
			Buckets: []float64{.01, .1, 1, 10, 60, 600},
		}, []string{"kind", "result"}),
		mails: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cragbase_mails_total", Help: "Attempts at mails by kind and how they ended: sent, retry or dead.",
		}, []string{"kind", "result"}),
	}
	m.syncs = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "cragbase_syncs_total", Help: "Readings of linked profiles by source and how they ended: done, or the reason why not.",
	}, []string{"source", "result"})
	m.synced = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "cragbase_sync_rows_total", Help: "Rows of linked profiles by source and what became of them.",
	}, []string{"source", "result"})
	m.addBilling()
	m.addCoach()
	m.registry.MustRegister(m.requests, m.logins, m.jobs, m.mails, m.syncs, m.synced,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// addBilling adds what tells of plans and payments.
func (m *metrics) addBilling() {
	m.tierChanges = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "cragbase_tier_changes_total", Help: "Committed changes of a user's tier, whoever made them.",
	}, []string{"from", "to"})
	m.cancellations = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "cragbase_cancellations_total", Help: "Cancellations that users asked for: now or period_end.",
	}, []string{"when"})
	m.webhooks = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "cragbase_webhook_events_total", Help: "Webhooks by type of event and what became of them.",
	}, []string{"type", "result"})
	m.alerts = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "cragbase_billing_alerts_total", Help: "What billing needs a person for, by kind.",
	}, []string{"kind"})
	m.stripe = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "cragbase_stripe_request_duration_seconds", Help: "Exchanges with Stripe by operation and how they ended: ok, refused or unavailable.",
		Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 20},
	}, []string{"operation", "result"})
	m.registry.MustRegister(m.tierChanges, m.cancellations, m.webhooks, m.alerts, m.stripe)
}

// addCoach adds what tells of the coach.
func (m *metrics) addCoach() {
	m.answers = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "cragbase_coach_answer_duration_seconds", Help: "Answers of the coach and how they ended: done, failed, stopped, or lost when not even that was stored.",
		Buckets: []float64{.01, .1, .5, 1, 5, 10, 30, 60, 180},
	}, []string{"result"})
	m.tokens = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "cragbase_coach_tokens_total", Help: "Tokens that answers cost: prompt or completion.",
	}, []string{"kind"})
	m.spent = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "cragbase_coach_refused_at_capacity_total", Help: "Questions that were refused because the server's tokens of the day were spent.",
	})
	m.registry.MustRegister(m.answers, m.tokens, m.spent)
}

// watch adds what is read when somebody asks.
func (m *metrics) watch(app core.App) {
	gauge := func(name, help string, read func() float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
	}
	gauge("cragbase_realtime_connections", "Open realtime streams.", func() float64 {
		return float64(app.SubscriptionsBroker().TotalClients())
	})
	gauge("cragbase_jobs_overdue_seconds", "By how much the job that is due longest is overdue.", func() float64 {
		late, err := jobs.Late(app, time.Now())
		if err != nil {
			app.Logger().Error("jobs cannot be read", "error", err)
		}
		return late.Seconds()
	})
	gauge("cragbase_jobs_dead", "Jobs that were given up and wait for an administrator.", func() float64 {
		dead, err := jobs.CountDead(app)
		if err != nil {
			app.Logger().Error("jobs cannot be read", "error", err)
		}
		return float64(dead)
	})
	gauge("cragbase_sqlite_bytes", "Size of data.db and its write-ahead log.", func() float64 {
		var size int64
		for _, file := range []string{"data.db", "data.db-wal"} {
			if info, err := os.Stat(filepath.Join(app.DataDir(), file)); err == nil {
				size += info.Size()
			}
		}
		return float64(size)
	})
}

// countRequests times every request that matched a route, by the route's pattern: paths hold ids, and there is no end of
// them. It stands outside of answerErrors and so sees the status that the client sees.
func (m *metrics) countRequests() *hook.Handler[*core.RequestEvent] {
	return &hook.Handler[*core.RequestEvent]{
		Id:       "cragbaseCountRequests",
		Priority: apis.DefaultActivityLoggerMiddlewarePriority - 20,
		Func: func(e *core.RequestEvent) error {
			if isStream(e.Request) {
				return e.Next() // lasts as long as its client likes
			}
			begin := time.Now()
			err := e.Next()
			m.requests.WithLabelValues(e.Request.Pattern, strconv.Itoa(statusOf(e, err))).Observe(time.Since(begin).Seconds())
			return err
		},
	}
}

// statusOf is the status of a request, also when PocketBase has yet to write its error.
func statusOf(e *core.RequestEvent, err error) int {
	if err == nil || e.Written() {
		return max(e.Status(), http.StatusOK)
	}
	return router.ToApiError(err).Status
}

// serve answers Prometheus on an address of its own until the app ends.
func (m *metrics) serve(app core.App, address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}),
		ReadHeaderTimeout: 5 * time.Second,
	}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			app.Logger().Error("metrics are not served any more", "error", err)
		}
	}()
	app.OnTerminate().BindFunc(func(e *core.TerminateEvent) error {
		_ = server.Close()
		return e.Next()
	})
	return nil
}

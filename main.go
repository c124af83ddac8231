// Cragbase is the back end and web app of a climbing-analytics product: one binary that embeds PocketBase.
package main

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/gofrs/flock"
	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/cmd"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/plugins/migratecmd"
	"github.com/spf13/cobra"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/config"
	"github.com/cragbase/cragbase/internal/demo"
	"github.com/cragbase/cragbase/internal/sqlite"
	_ "github.com/cragbase/cragbase/migrations"
)

// version is set by the build (-ldflags "-X main.version=...").
var version = "dev"

//go:embed all:pb_public
var public embed.FS

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run builds the program from the environment and the command line, and runs the command that was asked for.
func run() error {
	conf, err := config.Load(os.Getenv)
	if err != nil {
		return fmt.Errorf("the configuration is not valid:\n%w", err)
	}
	app := pocketbase.NewWithConfig(pocketbase.Config{DBConnect: sqlite.Connect})
	app.RootCmd.Use, app.RootCmd.Short, app.RootCmd.Version = "cragbase", "Cragbase: climbing analytics", version
	migratecmd.MustRegister(app, app.RootCmd, migratecmd.Config{})

	program := &program{app: app, conf: conf, failure: make(chan error, 1)}
	app.RootCmd.AddCommand(cmd.NewSuperuserCommand(app), program.serveCommand())
	if _, _, err := app.RootCmd.Find(os.Args[1:]); err != nil {
		return err // no such command
	}
	program.keepFailures(app.RootCmd)
	if err := app.Execute(); err != nil {
		return err
	}
	select {
	case err := <-program.failure:
		return err
	default:
		return nil
	}
}

// program is one run of the binary.
type program struct {
	app     *pocketbase.PocketBase
	conf    config.Config
	demo    bool
	stripe  *demoStripe  // of a demo without an account at Stripe
	locked  *flock.Flock // of the data folder; held as long as it is referred to
	failure chan error   // of the command: PocketBase ends with success all the same
}

// keepFailures makes every command leave its error for the exit status, and main the only one to print it.
func (p *program) keepFailures(command *cobra.Command) {
	keep := func(err error) error {
		if err != nil {
			select {
			case p.failure <- err:
			default: // the first counts
			}
		}
		return err
	}
	command.SilenceErrors, command.SilenceUsage = true, true
	command.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return keep(err) })
	if run := command.RunE; run != nil {
		command.RunE = func(command *cobra.Command, args []string) error { return keep(run(command, args)) }
	}
	for _, child := range command.Commands() {
		p.keepFailures(child)
	}
}

// serveCommand is PocketBase's serve with our flag, and our parts bound before it starts.
func (p *program) serveCommand() *cobra.Command {
	serve := cmd.NewServeCommand(p.app, true)
	serve.Flags().BoolVar(&p.demo, "demo", false, "everything local: demo climbers, no mail sent, no account anywhere")
	start := serve.RunE
	serve.RunE = func(command *cobra.Command, args []string) error {
		if err := p.bind(command); err != nil {
			return err
		}
		return start(command, args)
	}
	return serve
}

// bind adds Cragbase to the app that is about to be served.
func (p *program) bind(command *cobra.Command) error {
	if p.demo && p.conf.Stripe.Live() {
		return fmt.Errorf("--demo does not run with a live Stripe key: unset STRIPE_SECRET_KEY")
	}
	if err := p.lock(); err != nil {
		return err
	}
	pages, err := fs.Sub(public, "pb_public")
	if err != nil {
		return err
	}
	coaching, err := coachOf(p.conf.Coach, p.demo, p.app.Logger())
	if err != nil {
		return err
	}
	deps := hooks.Deps{
		Version:  version,
		Origins:  slices.Concat(p.conf.Origins, originsFlag(command)),
		Public:   pages,
		Billing:  billingConfig(p.conf.Stripe),
		Coach:    coaching,
		MailKept: p.demo,
		Crons:    p.conf.Crons,
		Metrics:  p.conf.MetricsAddr,

		SignUpsPerHour: p.conf.SignUpsPerHour,
	}
	if deps.Sites, err = sites(p.conf, cmp.Or(p.conf.URL, p.app.Settings().Meta.AppURL), p.demo); err != nil {
		return err
	}
	if p.demo && p.conf.Stripe.SecretKey == "" {
		if p.stripe, err = newDemoStripe(p.app, deps.Billing.Grace); err != nil {
			return err
		}
		deps.Billing, deps.Sandbox = p.stripe.config, p.stripe.Pages()
	}
	p.app.OnServe().BindFunc(p.serve)
	return hooks.Bind(p.app, deps)
}

// billingConfig is what the environment says about Stripe, in the words of billing.
func billingConfig(stripe config.Stripe) billing.Config {
	grace := stripe.Grace
	if grace == 0 {
		grace = -1
	}
	return billing.Config{SecretKey: stripe.SecretKey, WebhookSecrets: stripe.WebhookSecrets, APIBase: stripe.APIBase, Grace: grace}
}

// serve prepares the data folder, before anything else sees it, and says what a demo has to offer.
func (p *program) serve(e *core.ServeEvent) error {
	if p.demo && p.conf.URL == "" {
		p.conf.URL = demo.URL(e.Server.Addr) // where Stripe's pages lead back to
	}
	if err := prepare(e.App, p.conf, p.demo); err != nil {
		return err
	}
	if p.stripe != nil {
		if err := p.stripe.sell(e.App); err != nil {
			return fmt.Errorf("open the sandbox of Stripe: %w", err)
		}
	}
	if err := e.Next(); err != nil {
		return err
	}
	if p.stripe != nil {
		p.stripe.deliverTo(e.Server.Handler)
	}
	if p.demo {
		demo.Announce(os.Stdout, e.Server.Addr, p.stripe != nil)
	}
	return nil
}

// lock keeps a second server off the data folder: jobs that the first one runs would look like those of a crash. The
// system lifts it when the process ends, however it ends.
func (p *program) lock() error {
	path := filepath.Join(p.app.DataDir(), "serve.lock")
	p.locked = flock.New(path)
	locked, err := p.locked.TryLock()
	if err != nil {
		return fmt.Errorf("lock the data folder: %w", err)
	}
	if !locked {
		return fmt.Errorf("another server works on the data folder %s: stop it first, or name another folder with --dir", p.app.DataDir())
	}
	return nil
}

// originsFlag is PocketBase's --origins where it was given; its default would let every site in.
func originsFlag(command *cobra.Command) []string {
	if !command.Flags().Changed("origins") {
		return nil
	}
	origins, _ := command.Flags().GetStringSlice("origins") // the flag exists with this type
	return origins
}

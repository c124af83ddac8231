package main

import (
	"fmt"
	"net/mail"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/config"
	"github.com/cragbase/cragbase/internal/demo"
	"github.com/cragbase/cragbase/internal/plan"
)

// prepare brings the data folder in line with the configuration, after the migrations and before the first request.
func prepare(app core.App, conf config.Config, demoMode bool) error {
	if err := applySettings(app, conf); err != nil {
		return fmt.Errorf("apply the configuration: %w", err)
	}
	err := plan.SetStripePrices(app, map[string]string{"basic": conf.Stripe.PriceBasic, "premium": conf.Stripe.PricePremium})
	if err != nil {
		return fmt.Errorf("apply the configuration: %w", err)
	}
	if demoMode {
		return demo.Seed(app)
	}
	return demo.Refuse(app)
}

// applySettings writes what the environment sets into PocketBase's settings; the rest stays as the dashboard has it.
func applySettings(app core.App, conf config.Config) error {
	settings, err := app.Settings().Clone()
	if err != nil {
		return err
	}
	if conf.URL != "" {
		settings.Meta.AppURL = conf.URL
	}
	if conf.SMTP.Host != "" {
		settings.SMTP = core.SMTPConfig{
			Enabled: true, Host: conf.SMTP.Host, Port: conf.SMTP.Port,
			Username: conf.SMTP.Username, Password: conf.SMTP.Password, TLS: conf.SMTP.TLS,
		}
	}
	if conf.SMTP.From != "" {
		from, err := mail.ParseAddress(conf.SMTP.From)
		if err != nil {
			return err
		}
		settings.Meta.SenderAddress = from.Address
		if from.Name != "" {
			settings.Meta.SenderName = from.Name
		}
	}
	return app.Save(settings)
}

package main

import (
	"fmt"
	"log/slog"

	"github.com/cragbase/cragbase/internal/coach"
	"github.com/cragbase/cragbase/internal/coach/llm"
	"github.com/cragbase/cragbase/internal/coach/offline"
	"github.com/cragbase/cragbase/internal/config"
)

// coachOf is who answers: the model that is configured, or the coach that computes its answers, in a demo and when asked for.
// Otherwise nobody.
func coachOf(conf config.Coach, demo bool, logger *slog.Logger) (coach.Config, error) {
	limits := coach.Config{UserDailyTokens: conf.UserDailyTokens, DailyTokens: conf.DailyTokens}
	switch {
	case conf.BaseURL != "" && !conf.Offline:
		model, err := llm.New(llm.Config{BaseURL: conf.BaseURL, APIKey: conf.APIKey, Model: conf.Model, NoTools: conf.NoTools, Logger: logger})
		if err != nil {
			return coach.Config{}, fmt.Errorf("coach: %w", err)
		}
		limits.Answerer, limits.Summarise = model, model.Summarise
	case conf.Offline || demo:
		limits.Answerer, limits.Computed = offline.New(), true
	}
	return limits, nil
}

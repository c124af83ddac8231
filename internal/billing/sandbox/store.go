package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
)

// load reads the state that an earlier run left.
func (s *Sandbox) load() error {
	if s.config.File == "" {
		return nil
	}
	data, err := os.ReadFile(s.config.File)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, &s.state); err != nil {
		return fmt.Errorf("sandbox: %s: %w", s.config.File, err)
	}
	s.offset.Store(int64(s.state.Offset))
	s.index()
	return nil
}

// index rebuilds what the file does not hold: ids, what belongs to a customer, and what falls due.
func (s *Sandbox) index() {
	s.state.Prices.index()
	s.state.Customers.index()
	s.state.Sessions.index()
	s.state.Subscriptions.index()
	s.state.Invoices.index()
	s.state.Portals.index()
	s.state.Events.index()
	for _, c := range s.state.Sessions.Rows {
		if owner, ok := s.state.Customers.get(c.Customer); ok {
			owner.sessions = append(owner.sessions, c)
		}
		s.plan(c.ExpiresAt, dueSession, c.ID)
	}
	for _, sub := range s.state.Subscriptions.Rows {
		owner, _ := s.state.Customers.get(sub.Customer)
		owner.subscriptions = append(owner.subscriptions, sub)
		s.planSubscription(sub)
		if sub.Update != nil {
			s.plan(sub.Update.ExpiresAt, dueUpdate, sub.ID)
		}
	}
	for _, inv := range s.state.Invoices.Rows {
		owner, _ := s.state.Customers.get(inv.Customer)
		owner.invoices = append(owner.invoices, inv)
		if inv.NextAttempt != 0 {
			s.plan(inv.NextAttempt, dueRetry, inv.ID)
		}
	}
}

// save writes the state, whole or not at all.
func (s *Sandbox) save() {
	if s.config.File == "" {
		return
	}
	s.forgetKeys()
	data, err := json.Marshal(s.state)
	if err == nil {
		err = os.WriteFile(s.config.File+".new", data, 0o600)
	}
	if err == nil {
		err = os.Rename(s.config.File+".new", s.config.File)
	}
	if err != nil {
		slog.Error("the sandbox cannot keep its state", "file", s.config.File, "error", err)
	}
}

func (s *Sandbox) forgetKeys() {
	for key, kept := range s.state.Keys {
		if kept.At <= s.now()-keepKeys {
			delete(s.state.Keys, key)
		}
	}
}

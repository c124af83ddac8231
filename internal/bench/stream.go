package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// stream is an open realtime connection of a user to their own usage record.
type stream struct {
	close func()
}

// openStream connects and subscribes a user. told is called with the version of each record that is sent, at once.
func openStream(ctx context.Context, s *server, u user, told func(version int)) (*stream, error) {
	ctx, cancel := context.WithCancel(ctx)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/api/realtime", nil)
	if err != nil {
		cancel()
		return nil, err
	}
	response, err := direct.RoundTrip(request)
	if err != nil {
		cancel()
		return nil, err
	}
	closed := make(chan struct{})
	opened := &stream{close: func() { cancel(); <-closed }}
	lines := bufio.NewScanner(response.Body)
	clientID, err := readClientID(lines)
	go func() {
		defer close(closed)
		defer response.Body.Close()
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data:"); ok {
				told(versionOf(data))
			}
		}
	}()
	if err == nil {
		err = subscribe(ctx, s, u, clientID)
	}
	if err != nil {
		opened.close()
		return nil, err
	}
	return opened, nil
}

// readClientID waits for the event that tells a client its id.
func readClientID(lines *bufio.Scanner) (string, error) {
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data:")
		if !ok {
			continue
		}
		var connected struct {
			ClientID string `json:"clientId"`
		}
		err := json.Unmarshal([]byte(data), &connected)
		return connected.ClientID, err
	}
	return "", errors.Join(errors.New("the stream ended before it began"), lines.Err())
}

func subscribe(ctx context.Context, s *server, u user, clientID string) error {
	body, err := json.Marshal(map[string]any{"clientId": clientID, "subscriptions": []string{"usage/" + u.id}})
	if err != nil {
		return err
	}
	e := endpoint{server: s, status: http.StatusNoContent, request: func(ctx context.Context, _ int) (*http.Request, error) {
		return newRequest(ctx, http.MethodPost, s.url+"/api/realtime", u.token, strings.NewReader(string(body)))
	}}
	if err := e.ask(ctx, 0); err != nil {
		return fmt.Errorf("subscribe %s: %w", u.id, err)
	}
	return nil
}

// versionOf is the version of the record of an event, -1 when there is none.
func versionOf(data string) int {
	event := struct{ Record struct{ Version int } }{}
	event.Record.Version = -1
	if json.Unmarshal([]byte(data), &event) != nil {
		return -1
	}
	return event.Record.Version
}

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
)

// Requests of a round: reads are cheap, and each of a few hundred milliseconds of processor time is read off a clock of 10.
const (
	readsPerRound  = 8_000
	writesPerRound = 1_000
)

// unit is what answers of servers are measured in.
const unit = "µs CPU"

// site is a running server and some of its users.
type site struct {
	*server
	people
}

// measureWeb compares the API with that of stock PocketBase, with equally many users on both sides.
func measureWeb(ctx context.Context, opts options, dir string) ([]result, error) {
	stockProgram := filepath.Join(dir, "stock")
	if err := buildStock(ctx, stockProgram); err != nil {
		return nil, err
	}
	ours, err := open(ctx, opts.binary, filepath.Join(dir, "ours_data"), oursSchema())
	if err != nil {
		return nil, err
	}
	defer ours.stop()
	stock, err := open(ctx, stockProgram, filepath.Join(dir, "stock_data"), stockSchema())
	if err != nil {
		return nil, err
	}
	defer stock.stop()
	comparisons, err := webComparisons(ctx, ours, stock)
	if err != nil {
		return nil, err
	}
	results, err := measureAll(ctx, comparisons, opts.rounds)
	if err != nil {
		return nil, err
	}
	delivery, err := measureDelivery(ctx, ours, stock, opts.rounds)
	return slices.Concat(results, delivery), err
}

// open fills a data folder and serves it.
func open(ctx context.Context, program, dir string, schema schema) (*site, error) {
	people, err := fill(dir, schema, userCount)
	if err != nil {
		return nil, err
	}
	s, err := start(ctx, program, dir)
	if err != nil {
		return nil, err
	}
	return &site{s, people}, nil
}

// webComparisons ends with what changes the profiles, because the tags of the second are read before.
func webComparisons(ctx context.Context, ours, stock *site) ([]comparison, error) {
	tags, err := ours.profileTags(ctx)
	if err != nil {
		return nil, err
	}
	charts, err := ours.chartComparisons(ctx)
	if err != nil {
		return nil, err
	}
	const unit = "µs CPU"
	profile := side{"GET /v1/users/me", ours.get("/v1/users/me", nil).round}
	return slices.Concat([]comparison{
		{
			"GET /v1/users/me", unit,
			target{"<=", 0.30},
			profile,
			side{"stock PocketBase, view of the own record", stock.ownRecord().round},
		},
		{
			"GET /v1/users/me, 304", unit,
			target{"<", 1},
			side{"GET /v1/users/me with If-None-Match", ours.get("/v1/users/me", tags).round},
			profile,
		},
		{
			"GET /v1/users/me/message-count", unit,
			target{"<=", 1.10},
			side{"GET /v1/users/me/message-count", ours.get("/v1/users/me/message-count", nil).round},
			profile,
		},
	}, charts, []comparison{
		{
			"PATCH /v1/users/me", unit,
			target{"<=", 0.80},
			side{"PATCH /v1/users/me, a new username", ours.rename("/v1/users/me", "username").round},
			side{"stock PocketBase, PATCH of the own record", stock.rename("/api/collections/users/records/", "name").round},
		},
		{
			fmt.Sprintf("POST message to the offline coach, %d ticks", tickCount), unit,
			target{"<=", 3},
			side{"POST /v1/users/me/messages, answered and stored", ours.post("/v1/users/me/messages", `{"content":"What is my pyramid?"}`).round},
			side{"stock PocketBase, create of a record", stock.post("/api/collections/messages/records", fmt.Sprintf(`{"user":%q,"content":"What is my pyramid?"}`, stock.user(0).id)).round},
		},
	}), nil
}

// get reads a path, on the condition that it changed when there are tags of what its users get there.
func (s *site) get(path string, tags []string) *endpoint {
	e := &endpoint{server: s.server, count: readsPerRound, status: http.StatusOK}
	if tags != nil {
		e.status = http.StatusNotModified
	}
	e.request = func(ctx context.Context, i int) (*http.Request, error) {
		request, err := s.as(ctx, i, http.MethodGet, path, nil)
		if err == nil && tags != nil {
			request.Header.Set("If-None-Match", tags[i%len(tags)])
		}
		return request, err
	}
	return e
}

// ownRecord reads the caller's record over PocketBase's API.
func (s *site) ownRecord() *endpoint {
	return &endpoint{server: s.server, count: readsPerRound, status: http.StatusOK, request: func(ctx context.Context, i int) (*http.Request, error) {
		return s.as(ctx, i, http.MethodGet, "/api/collections/users/records/"+s.user(i).id, nil)
	}}
}

// rename gives a field of the caller a value that no request has given before. A path that ends in a slash is
// completed by the caller's id.
func (s *site) rename(path, field string) *endpoint {
	var serial atomic.Int64
	return &endpoint{server: s.server, count: writesPerRound, status: http.StatusOK, request: func(ctx context.Context, i int) (*http.Request, error) {
		target := path
		if strings.HasSuffix(path, "/") {
			target += s.user(i).id
		}
		return s.as(ctx, i, http.MethodPatch, target, strings.NewReader(fmt.Sprintf(`{%q:"renamed-%d"}`, field, serial.Add(1))))
	}}
}

// messagesPerRound is fewer: each costs some milliseconds.
const messagesPerRound = 200

// post sends the same body to a path again and again, as the first user.
func (s *site) post(path, body string) *endpoint {
	return &endpoint{server: s.server, count: messagesPerRound, status: http.StatusOK, request: func(ctx context.Context, _ int) (*http.Request, error) {
		return s.as(ctx, 0, http.MethodPost, path, strings.NewReader(body))
	}}
}

// profileTags asks for the entity tag of each user's profile.
func (s *site) profileTags(ctx context.Context) ([]string, error) {
	tags := make([]string, len(s.users))
	for i := range s.users {
		request, err := s.as(ctx, i, http.MethodGet, "/v1/users/me", nil)
		if err != nil {
			return nil, err
		}
		response, err := direct.RoundTrip(request)
		if err != nil {
			return nil, err
		}
		response.Body.Close()
		if tags[i] = response.Header.Get("ETag"); tags[i] == "" {
			return nil, fmt.Errorf("GET /v1/users/me: status %d, no ETag", response.StatusCode)
		}
	}
	return tags, nil
}

func (s *site) user(i int) *user { return &s.users[i%len(s.users)] }

// as builds request i, which is from the user whose turn it is.
func (s *site) as(ctx context.Context, i int, method, path string, body io.Reader) (*http.Request, error) {
	return newRequest(ctx, method, s.url+path, s.user(i).token, body)
}

// newRequest builds a request of JSON, if it has a body, by whom a token belongs to.
func newRequest(ctx context.Context, method, url, token string, body io.Reader) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", token)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, nil
}

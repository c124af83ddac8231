package main

import (
	"context"
	"fmt"
	"net/http"
)

// chartComparisons hold charts of the climber's logbook that were asked for before against the climber's profile: one whose
// answer is short and one with every route that was sent, and one that has not changed since.
func (s *site) chartComparisons(ctx context.Context) ([]comparison, error) {
	profile := side{"GET /v1/users/me", s.get("/v1/users/me", nil).round}
	var comparisons []comparison
	for _, chart := range []string{"tiers", "pyramid"} {
		path := "/v1/users/me/analytics/" + chart
		tag, bytes, err := s.entityTag(ctx, path)
		if err != nil {
			return nil, err
		}
		comparisons = append(comparisons,
			comparison{
				fmt.Sprintf("%s of %d ticks, kept (%d KB)", chart, tickCount, bytes>>10), unit,
				target{"<=", 2},
				side{"GET " + path, s.asClimber(path, "").round},
				profile,
			},
			comparison{
				chart + ", 304", unit,
				target{"<=", 2},
				side{"GET " + path + " with If-None-Match", s.asClimber(path, tag).round},
				profile,
			},
		)
	}
	return comparisons, nil
}

// asClimber reads a path as the climber, on the condition that it changed when there is a tag.
func (s *site) asClimber(path, tag string) *endpoint {
	e := &endpoint{server: s.server, count: readsPerRound, status: http.StatusOK}
	if tag != "" {
		e.status = http.StatusNotModified
	}
	e.request = func(ctx context.Context, _ int) (*http.Request, error) {
		request, err := s.as(ctx, 0, http.MethodGet, path, nil)
		if err == nil && tag != "" {
			request.Header.Set("If-None-Match", tag)
		}
		return request, err
	}
	return e
}

// entityTag asks as the climber for the entity tag of a path, and how long its body is.
func (s *site) entityTag(ctx context.Context, path string) (tag string, bytes int64, err error) {
	request, err := s.as(ctx, 0, http.MethodGet, path, nil)
	if err != nil {
		return "", 0, err
	}
	response, err := direct.RoundTrip(request)
	if err != nil {
		return "", 0, err
	}
	defer response.Body.Close()
	tag = response.Header.Get("ETag")
	if response.StatusCode != http.StatusOK || tag == "" {
		return "", 0, fmt.Errorf("GET %s: status %d, no ETag", path, response.StatusCode)
	}
	return tag, response.ContentLength, nil
}

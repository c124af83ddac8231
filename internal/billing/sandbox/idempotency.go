package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
)

// keepKeys is how long an answer is kept for its idempotency key.
const keepKeys = day

// storedAnswer is the first answer to a key.
type storedAnswer struct {
	Fingerprint string
	Status      int
	Body        []byte
	RequestID   string
	At          int64
}

// fingerprint tells requests apart: the same key with another one is a mistake.
func fingerprint(method, path string, f form) string {
	sum := sha256.Sum256([]byte(method + " " + path + " " + url.Values(f).Encode()))
	return hex.EncodeToString(sum[:])
}

// stored says whether an answer is kept for its key: what was carried out, and failures on the way. A request that was refused before, by
// validation, by a conflict or by a limit, may come again.
func stored(status int) bool {
	return status/100 == 2 || status == http.StatusPaymentRequired || status == http.StatusInternalServerError
}

// claim takes a key for a request that runs. It returns the stored answer, or why the key cannot be used.
func (s *Sandbox) claim(key, print string) (*storedAnswer, *apiError) {
	if len(key) > 255 {
		return nil, invalid("", "Idempotency key is too long (255 characters at most).")
	}
	if s.flights[key] {
		return nil, &apiError{
			Status: http.StatusConflict, Type: "idempotency_error", Code: "idempotency_key_in_use",
			Message: "Another request with this idempotency key is in progress: " + key,
		}
	}
	answer, ok := s.state.Keys[key]
	if ok && answer.At > s.now()-keepKeys {
		if answer.Fingerprint != print {
			return nil, &apiError{
				Status: http.StatusBadRequest, Type: "idempotency_error",
				Message: "This idempotency key was first used with other parameters: " + key,
			}
		}
		return answer, nil
	}
	s.flights[key] = true
	return nil, nil
}

// release frees a key, and keeps the answer where Stripe does.
func (s *Sandbox) release(key string, answer storedAnswer) {
	delete(s.flights, key)
	if !stored(answer.Status) {
		return
	}
	if s.state.Keys == nil {
		s.state.Keys = map[string]*storedAnswer{}
	}
	answer.At = s.now()
	if len(s.state.Keys)%1000 == 999 {
		s.forgetKeys()
	}
	s.state.Keys[key] = &answer
	s.dirty = true
}

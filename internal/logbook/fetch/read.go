package fetch

import (
	"bytes"
	"cmp"
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// read makes of an answer what it says about the page.
func (c *Client) read(answer *http.Response, request Request) (*Response, error) {
	if answer.StatusCode == http.StatusNotModified && request.Known != (Version{}) {
		return &Response{Version: request.Known, NotModified: true}, nil
	}
	if answer.StatusCode != http.StatusOK {
		return nil, c.refusal(answer)
	}
	most := c.config.MaxBytes
	if request.Most > 0 {
		most = min(most, request.Most)
	}
	body, err := c.body(answer, most)
	if err != nil {
		return nil, err
	}
	if isMarkup(body) {
		return nil, c.fail(cmp.Or(pageReason(answer, body), NotALogbook), errors.New("a page of HTML"))
	}
	response := &Response{Body: body, Version: Version{
		ETag: short(answer.Header.Get("ETag"), 300), LastModified: short(answer.Header.Get("Last-Modified"), 100), Hash: Hash(body),
	}}
	if response.Hash == request.Known.Hash {
		response.Body, response.NotModified = nil, true
	}
	return response, nil
}

// Hash names content, in 64 hexadecimal digits.
func Hash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// short drops a value that is too long to be kept: the page is read in full the next time.
func short(value string, most int) string {
	if len(value) > most {
		return ""
	}
	return value
}

// body reads and unpacks a body. Both what comes and what it is unpacked to are bounded: a bomb is small before, and a stream
// of empty archives after.
func (c *Client) body(answer *http.Response, most int64) ([]byte, error) {
	if answer.ContentLength > most {
		return nil, c.fail(TooLarge, fmt.Errorf("%d bytes", answer.ContentLength))
	}
	sent := &io.LimitedReader{R: answer.Body, N: most + 1}
	source, err := unpacked(answer.Header.Get("Content-Encoding"), sent)
	var body bytes.Buffer
	if err == nil {
		_, err = body.ReadFrom(io.LimitReader(source, most+1))
	}
	switch {
	case int64(body.Len()) > most, sent.N <= 0: // an archive that was cut there only seems to be broken
		return nil, c.fail(TooLarge, fmt.Errorf("more than %d bytes", most))
	case err != nil:
		return nil, c.broken(err)
	}
	return body.Bytes(), nil
}

var errEncoding = errors.New("an encoding that was not asked for")

func unpacked(encoding string, sent io.Reader) (io.Reader, error) {
	switch strings.ToLower(encoding) {
	case "", "identity":
		return sent, nil
	case "gzip":
		return gzip.NewReader(sent)
	}
	return nil, errEncoding
}

// broken is what it means that a body does not come to its end.
func (c *Client) broken(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return c.fail(TooSlow, err)
	case errors.Is(err, errEncoding), errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, &corrupt):
		return c.fail(NotALogbook, err)
	}
	return c.fail(Unreachable, err)
}

// maxPage is how much of a page that is no logbook is looked at to tell what it is instead.
const maxPage = 64 << 10

// refusal is what an answer without a logbook means.
func (c *Client) refusal(answer *http.Response) error {
	page, err := c.start(answer)
	if err != nil {
		page = nil // the status says enough
	}
	failure := c.fail(reasonOf(answer, page), fmt.Errorf("status %d", answer.StatusCode))
	if failure.Reason.ofSite() {
		failure.RetryAfter = retryAfter(answer.Header.Get("Retry-After"), c.config.Now())
	}
	return failure
}

// start is the beginning of a page.
func (c *Client) start(answer *http.Response) ([]byte, error) {
	source, err := unpacked(answer.Header.Get("Content-Encoding"), io.LimitReader(answer.Body, maxPage))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(source, maxPage))
}

// longestRetry bounds how long a site can have itself left alone.
const longestRetry = 24 * time.Hour

// retryAfter reads the header of that name: seconds, or a date.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64); err == nil {
		return time.Duration(min(max(seconds, 0), int64(longestRetry/time.Second))) * time.Second
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(date.Sub(now), 0), longestRetry)
}

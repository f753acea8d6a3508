// Copyright (c) The certops authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

const (
	// maxBackoff is the longest wait before another attempt, before jitter, unless the shortest is longer.
	maxBackoff = 30 * time.Second
	// maxRetryAfter is the longest wait that a server's Retry-After gets.
	maxRetryAfter = 60 * time.Second
)

// retry makes further attempts at requests that fail for reasons that pass.
type retry struct {
	client *retryablehttp.Client
}

// newRetry returns a retry that makes its attempts through client, at most retries after the first. The
// first wait between two is the shortest, and check decides whether there is another.
func newRetry(client *http.Client, retries int, shortest time.Duration, check retryablehttp.CheckRetry) retry {
	return retry{client: &retryablehttp.Client{
		HTTPClient:   client,
		RetryWaitMin: shortest,
		RetryWaitMax: max(shortest, maxBackoff),
		RetryMax:     retries,
		CheckRetry:   check,
		Backoff:      backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
		RequestLogHook: func(_ retryablehttp.Logger, req *http.Request, number int) {
			callFrom(req.Context()).begin(number + 1)
		},
	}}
}

// RoundTrip implements http.RoundTripper. The response's body is in memory.
func (r retry) RoundTrip(req *http.Request) (*http.Response, error) {
	retryable, err := retryablehttp.FromRequest(req)
	if err != nil {
		return nil, err
	}
	resp, err := r.client.Do(retryable)
	if err != nil {
		if resp != nil {
			_ = resp.Body.Close()
		}
		return nil, err
	}
	return resp, nil
}

// checkRetry implements retryablehttp.CheckRetry.
func checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil {
		_, again := classify(ctx, err)
		return again, nil
	}
	return retryStatus(resp.StatusCode), nil
}

// backoff implements retryablehttp.Backoff: what the server asks for, or twice as long each time, with
// jitter so that requests which failed together do not come back together.
func backoff(shortest, longest time.Duration, attempt int, resp *http.Response) time.Duration {
	if resp != nil {
		if wait, ok := retryAfter(resp.Header.Get("Retry-After"), time.Now()); ok {
			return min(wait+rand.N(shortest), maxRetryAfter)
		}
	}
	wait := shortest
	for range attempt {
		if wait *= 2; wait >= longest {
			wait = longest
			break
		}
	}
	return wait/2 + rand.N(wait/2+1)
}

// retryAfter reads a Retry-After header: seconds or an HTTP date (RFC 9110, section 10.2.3), at most
// maxRetryAfter. Anything else, and a time that has passed, is no response.
func retryAfter(value string, now time.Time) (time.Duration, bool) {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0, false
	}
	if strings.Trim(value, "0123456789") == "" {
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || seconds > int64(maxRetryAfter/time.Second) {
			return maxRetryAfter, true
		}
		return time.Duration(seconds) * time.Second, seconds > 0
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	wait := date.Sub(now)
	return min(wait, maxRetryAfter), wait > 0
}

package llm

import (
	"context"
	"errors"
	"time"
)

var errTooSlow = errors.New("no token in time")

// watch ends a request whose next token does not come in time.
type watch struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	timer  *time.Timer
}

func newWatch(ctx context.Context, wait time.Duration) *watch {
	w := &watch{}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	w.timer = time.AfterFunc(wait, func() { w.cancel(errTooSlow) })
	return w
}

// pause stops the clock while others than the model are at work.
func (w *watch) pause() { w.timer.Stop() }

// resume gives the model so long for its next token.
func (w *watch) resume(wait time.Duration) { w.timer.Reset(wait) }

func (w *watch) stop() {
	w.timer.Stop()
	w.cancel(context.Canceled)
}

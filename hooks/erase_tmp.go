package hooks

import (
	"time"

	"github.com/pocketbase/pocketbase/core"
)

func enqueueErasure(core.App, string, time.Time) error { return nil }

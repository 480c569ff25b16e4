package tesseralog

import (
	"log/slog"
	"sync"

	"k8s.io/klog/v2"
)

// silence keeps tessera's log lines off stderr, which belongs to the tool. What
// matters of them comes back as an error.
var silence = sync.OnceFunc(func() { klog.SetSlogLogger(slog.New(slog.DiscardHandler)) })

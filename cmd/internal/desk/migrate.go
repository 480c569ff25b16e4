package desk

import (
	"context"
	"errors"

	"example.org/custody/cmd/internal/desk/engine"
	"example.org/custody/evidence"
	"example.org/custody/ledger/tesseralog"
	"example.org/custody/ledger/trillianlog"
)

// ErrNotEmbedded reports a ledger that is not kept by the embedded engine.
var ErrNotEmbedded = errors.New("the embedded engine does not keep this ledger")

// Migrated is a ledger that another engine keeps from now on.
type Migrated struct {
	Origin    evidence.Origin `json:"origin"`
	Engine    string          `json:"engine"`
	Size      uint64          `json:"size"` // leaves
	DryRun    bool            `json:"dry_run"`
	Database  string          `json:"database"`
	LogServer string          `json:"log_server"`
}

// Migrate moves the desk's ledger from the embedded engine to Trillian: the same leaves,
// indexes, root, key and name, so that every receipt and package goes on holding. Nothing
// may have the ledger open, a node neither. Interrupted, it can be called again.
// Errors: [ErrNotEmbedded], those of [trillianlog.Migrate].
func (s *Session) Migrate(ctx context.Context, to trillianlog.Config) (*Migrated, error) {
	if err := (engine.Choice{Engine: engine.Trillian, Config: to}).Check(); err != nil {
		return nil, err
	}
	dir := s.path("ledger")
	if trillianlog.Made(dir) {
		return nil, ErrNotEmbedded
	}
	out := &Migrated{Origin: s.Config.Origin, Engine: string(engine.Trillian), DryRun: s.DryRun, Database: to.Database, LogServer: to.LogServer}
	if s.book != nil {
		err := s.book.close()
		if s.book = nil; err != nil {
			return nil, err
		}
	}
	if s.DryRun {
		r, err := tesseralog.OpenReader(dir)
		if err == nil {
			out.Size, err = r.Size(ctx)
		}
		return out, err
	}
	signer, _, err := s.logKey(s.path("keys", "ledger.age"))
	if err != nil {
		return nil, err
	}
	out.Size, err = engine.Migrate(ctx, dir, signer, to)
	return out, err
}

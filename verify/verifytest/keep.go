package verifytest

import (
	"context"
	"errors"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
)

// Keep opens the ledger of a name at an engine, which keeps the ledgers of the worlds
// made while it is set: what their packages prove is then read from the engine. Nil, as
// it is: they are in memory. It is to be set by one test at a time.
var Keep func(evidence.Origin) ledger.Log

// Refused is called with every second close of a seal that an engine refuses. Worlds in
// which a ledger lies go on without the engine from there.
var Refused = func(*ledger.ClosedError) {}

// kept is a ledger at an engine. Leaves wait until somebody reads.
type kept struct {
	log     ledger.Log
	waiting []ledger.Leaf
}

func keep(o evidence.Origin) *kept {
	if Keep == nil {
		return nil
	}
	return &kept{log: Keep(o)}
}

func (k *kept) add(leaves []ledger.Leaf) {
	if k != nil {
		k.waiting = append(k.waiting, leaves...)
	}
}

// reader returns what the ledger is read from.
func (l *Log) reader() ledger.Reader {
	if l.kept == nil {
		return l.read
	}
	if len(l.kept.waiting) > 0 {
		_, err := l.kept.log.Append(context.Background(), l.kept.waiting)
		var twice *ledger.ClosedError
		if errors.As(err, &twice) {
			Refused(twice)
			l.kept = nil
			return l.read
		}
		must(err)
		l.kept.waiting = nil
	}
	return l.kept.log
}

package verifytest

import (
	"example.org/custody/ledger/anchor/anchortest"
	"example.org/custody/signing/trust"
	"example.org/custody/verify/pack"
)

// Channel is the shared channel of the worlds that are made while it is set: their lists
// name its agreement, and their packages carry an anchor of each ledger's newest
// checkpoint. Nil, as it is: they have none. It is to be set by one test at a time.
var Channel *anchortest.Channel

// share has a list name the agreement about the channel.
func share(l *trust.List) {
	if Channel != nil {
		l.Instruments = append(l.Instruments, Channel.Pins()...)
	}
}

// shared returns what the channel has of the world's ledgers.
func (w *World) shared() (all []pack.Anchor) {
	if Channel == nil {
		return nil
	}
	for _, s := range w.States {
		for _, l := range s.Logs {
			all = append(all, pack.Anchor{Agreement: Channel.Agreement,
				Proof: Channel.Record(Channel.Anchors(l.Latest()), []string{"AA", "CC"}, "AA", "BB")})
		}
	}
	return all
}

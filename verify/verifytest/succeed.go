package verifytest

import (
	"bytes"
	"fmt"

	"example.org/custody/evidence"
	"example.org/custody/signing/trust"
)

// Succeed retires the state's ledger as it stands and begins a new one, which
// the world's list names as its successor (rule P13).
func (s *State) Succeed(o evidence.Origin) {
	w, old := s.world, s.Log
	s.Log = newLog(s, o)
	s.Logs = append(s.Logs, s.Log)
	w.List = w.editList(func(l *trust.List) {
		l.Logs = append(l.Logs, trust.Log{Origin: string(o), State: s.Code, Key: s.Log.key.vkey})
		l.Retired = append(l.Retired, trust.Retirement{Final: old.Point(), Successor: string(o)})
		for _, p := range l.Policies {
			if p.Origin == string(old.Origin) {
				p.Origin, p.Digest = string(o), w.copyPolicy(p.Digest, s.Log)
				l.Policies = append(l.Policies, p)
			}
		}
	})
	s.Log.Checkpoint(Cosigning{})
}

// EndAt pins the present size of a retired ledger as its last.
func (w *World) EndAt(l *Log) {
	w.List = w.editList(func(list *trust.List) {
		for i := range list.Retired {
			if list.Retired[i].Final.Origin == string(l.Origin) {
				list.Retired[i].Final = l.Point()
			}
		}
	})
}

// copyPolicy writes a policy text again for another ledger.
func (w *World) copyPolicy(digest trust.Digest, of *Log) trust.Digest {
	for _, text := range w.Policies {
		if trust.DigestOf(text) != digest {
			continue
		}
		_, rest, _ := bytes.Cut(text, []byte("\n"))
		text = append(fmt.Appendf(nil, "log %s\n", of.key.vkey), rest...)
		w.Policies = append(w.Policies, text)
		return trust.DigestOf(text)
	}
	panic("verifytest: no policy " + digest.String())
}

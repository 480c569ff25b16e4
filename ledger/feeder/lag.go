package feeder

import "time"

// Lag is how far one cosigner is behind the newest checkpoint.
type Lag struct {
	State  string    // who answers for it
	Name   string    // of the cosigner
	Size   uint64    // leaves in the newest checkpoint that it signed here; 0: none
	Behind uint64    // leaves that the newest checkpoint has more
	Since  time.Time // when the first checkpoint that it owes an answer on was made; zero: it owes none
	Signed time.Time // when its last cosignature came; zero: never
	Late   uint64    // cosignatures that came after their checkpoint was published
	Err    error     // its last answer; nil: it signed
}

// Lags returns the lag of every cosigner, in the order of [Config.Peers].
func (f *Feeder) Lags() []Lag {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]Lag, len(f.peers))
	for i, p := range f.peers {
		l := Lag{State: p.State, Name: p.Name(), Since: p.since, Signed: p.at, Late: p.late, Err: p.err}
		if p.signed != nil {
			l.Size = p.signed.tree.Size
		}
		if f.newest != nil {
			l.Behind = f.newest.tree.Size - min(l.Size, f.newest.tree.Size)
		}
		out[i] = l
	}
	return out
}

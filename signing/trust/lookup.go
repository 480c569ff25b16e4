package trust

import (
	"fmt"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// StateOf returns the state that runs the ledger origin.
func (l *List) StateOf(origin string) (string, bool) {
	for _, g := range l.Logs {
		if g.Origin == origin {
			return g.State, true
		}
	}
	return "", false
}

// Speaks reports whether the list says anything about the time at: not after
// its next-update (rule P12). What was signed earlier is untouched by it.
func (l *List) Speaks(at time.Time) bool { return !at.After(l.NextUpdate) }

// Requires reports whether question q must hold for exit 0 (rule P18).
func (l *List) Requires(q int) bool { return slices.Contains(l.Require, q) }

// LogKey returns the key that counts for a checkpoint of origin with size
// leaves: the one with the largest from-size not above it.
//
// When the Point is not nil the key was revoked, or this is the last size of a
// retired ledger, and the checkpoint counts only if it is proven consistent with
// the Point. Checkpoints from before the end of a retired ledger count as they
// did.
// Errors: [ErrUnlisted]; [ErrOutside] below the first from-size or past a
// retired ledger's end; [ErrRevoked].
func (l *List) LogKey(origin string, size uint64) (Log, *Point, error) {
	if _, ok := l.StateOf(origin); !ok {
		return Log{}, nil, fmt.Errorf("log %s: %w", origin, ErrUnlisted)
	}
	var found *Log
	for i, g := range l.Logs {
		if g.Origin == origin && g.FromSize <= size && (found == nil || g.FromSize > found.FromSize) {
			found = &l.Logs[i]
		}
	}
	if found == nil {
		return Log{}, nil, fmt.Errorf("log %s has no key for size %d: %w", origin, size, ErrOutside)
	}
	point, err := l.goodUntil(found.Key, origin, size)
	if err != nil {
		return Log{}, nil, err
	}
	if r, ok := l.Retirement(origin); ok {
		if size > r.Final.Size {
			return Log{}, nil, fmt.Errorf("log %s ended at size %d, not %d: %w", origin, r.Final.Size, size, ErrOutside)
		}
		if point == nil && size == r.Final.Size {
			point = &r.Final
		}
	}
	return *found, point, nil
}

// Retirement returns the pinned end of a retired ledger.
func (l *List) Retirement(origin string) (Retirement, bool) {
	for _, r := range l.Retired {
		if r.Final.Origin == origin {
			return r, true
		}
	}
	return Retirement{}, false
}

// Cosignature is what a verified cosignature line of a checkpoint says.
type Cosignature struct {
	Origin string    // of the checkpoint
	Size   uint64    // of the checkpoint
	Name   string    // of the signature line
	Hash   uint32    // key id of the signature line
	Time   time.Time // its own time
}

// Witness returns the witness whose cosignature c is, if it counted at c's own
// time. A Point that is not nil means what it means for [List.LogKey].
// Errors: [ErrUnlisted], [ErrSilent], [ErrOutside], [ErrRevoked].
func (l *List) Witness(c Cosignature) (Cosigner, *Point, error) { return l.cosigner(l.Witnesses, c) }

// Auditor is [List.Witness] for auditors.
func (l *List) Auditor(c Cosignature) (Cosigner, *Point, error) { return l.cosigner(l.Auditors, c) }

func (l *List) cosigner(among []Cosigner, c Cosignature) (Cosigner, *Point, error) {
	i := slices.IndexFunc(among, func(v Cosigner) bool { return v.Key.Name() == c.Name && v.Key.Hash() == c.Hash })
	if i < 0 {
		return Cosigner{}, nil, fmt.Errorf("cosigner %s+%08x: %w", c.Name, c.Hash, ErrUnlisted)
	}
	v := among[i]
	if err := l.within(v.From, v.To, c.Time); err != nil {
		return Cosigner{}, nil, fmt.Errorf("cosigner %s: %w", v.Name, err)
	}
	point, err := l.goodUntil(v.Key, c.Origin, c.Size)
	if err != nil {
		return Cosigner{}, nil, err
	}
	return v, point, nil
}

// CosignerVerifiers returns verifiers for every witness and auditor listed, for
// [note.Open]. Whether one counted is decided afterwards, by its time.
func (l *List) CosignerVerifiers() (note.Verifiers, error) {
	var keys []VKey
	for _, c := range l.cosigners() {
		keys = append(keys, c.Key)
	}
	return Verifiers(keys...)
}

// Authority returns the authority with the certificate digest d if it counted
// at the time at. Errors: [ErrUnlisted], [ErrSilent], [ErrOutside].
func (l *List) Authority(d Digest, at time.Time) (Authority, error) {
	i := slices.IndexFunc(l.Authorities, func(a Authority) bool { return a.Digest == d })
	if i < 0 {
		return Authority{}, fmt.Errorf("authority %s: %w", d, ErrUnlisted)
	}
	a := l.Authorities[i]
	if err := l.within(a.From, a.To, at); err != nil {
		return Authority{}, fmt.Errorf("authority %s: %w", d, err)
	}
	return a, nil
}

// TSA returns the timestamp authority with the certificate digest d if it counted
// at the time at, which is the token's. Errors: [ErrUnlisted], [ErrSilent],
// [ErrOutside].
func (l *List) TSA(d Digest, at time.Time) (TSA, error) {
	i := slices.IndexFunc(l.TSAs, func(a TSA) bool { return a.Digest == d })
	if i < 0 {
		return TSA{}, fmt.Errorf("timestamp authority %s: %w", d, ErrUnlisted)
	}
	a := l.TSAs[i]
	if err := l.within(a.From, a.To, at); err != nil {
		return TSA{}, fmt.Errorf("timestamp authority %s: %w", d, err)
	}
	return a, nil
}

// CheckEnrolment reports whether authority d may enrol keys at the index of the
// ledger origin (rule P8): only in its own state's ledgers ([ErrOutside]), and,
// once compromised, only below the last good size there ([ErrRevoked]; the
// Point is what the enrolment's checkpoint must be proven consistent with).
func (l *List) CheckEnrolment(d Digest, origin string, index uint64) (*Point, error) {
	i := slices.IndexFunc(l.Authorities, func(a Authority) bool { return a.Digest == d })
	if i < 0 {
		return nil, fmt.Errorf("authority %s: %w", d, ErrUnlisted)
	}
	if state, _ := l.StateOf(origin); state != l.Authorities[i].State {
		return nil, fmt.Errorf("authority of %s in ledger %s: %w", l.Authorities[i].State, origin, ErrOutside)
	}
	compromised := false
	for _, c := range l.Compromised {
		if c.Digest != d {
			continue
		}
		compromised = true
		if c.GoodUntil.Origin == origin && index < c.GoodUntil.Size {
			return &c.GoodUntil, nil
		}
	}
	if compromised {
		return nil, fmt.Errorf("authority %s at %s#%d: %w", d, origin, index, ErrRevoked)
	}
	return nil, nil
}

// goodUntil returns nil for a key never revoked, the pinned checkpoint when one
// of at least size leaves is still good, and [ErrRevoked] otherwise.
func (l *List) goodUntil(k VKey, origin string, size uint64) (*Point, error) {
	revoked := false
	for _, r := range l.Revoked {
		if r.Key != k {
			continue
		}
		revoked = true
		if r.GoodUntil.Origin == origin && size <= r.GoodUntil.Size {
			return &r.GoodUntil, nil
		}
	}
	if revoked {
		return nil, fmt.Errorf("key %s for size %d of %s: %w", k.Name(), size, origin, ErrRevoked)
	}
	return nil, nil
}

// within checks a time against a window, both ends inclusive, and against what
// the list can know.
func (l *List) within(from, to, at time.Time) error {
	if !l.Speaks(at) {
		return fmt.Errorf("%s: %w", formatTime(at), ErrSilent)
	}
	if at.Before(from) || !to.IsZero() && at.After(to) {
		return fmt.Errorf("%s is not within %s … %s: %w", formatTime(at), formatTime(from), formatUntil(to), ErrOutside)
	}
	return nil
}

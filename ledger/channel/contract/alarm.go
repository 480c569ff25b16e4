package contract

import (
	"errors"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/witness"
	"example.org/custody/signing/trust"
	"golang.org/x/mod/sumdb/note"
)

// alarm records for good that a ledger misbehaved. Any state may show it.
func (c *call) alarm() ([]byte, error) {
	b := c.args[0]
	if len(b) > anchor.MaxAlarm {
		return nil, refuse(Malformed, "alarm of %d bytes", len(b))
	}
	a, err := witness.ParseAlarm(b)
	if err != nil {
		return nil, refuse(Malformed, "%w", err)
	}
	l, err := c.member()
	if err != nil {
		return nil, err
	}
	o, keys, err := Accused(a, l)
	if err != nil {
		return nil, err
	}
	if _, err := a.Verify(keys...); err != nil {
		return nil, refuse(NoProof, "%w", err)
	}
	return c.record(o, b)
}

// Accused returns the ledger that an alarm is about, with the keys that may have signed
// for it, those of the trust list that are not revoked: whatever a stolen key signs says
// nothing about the ledger. It verifies nothing ([witness.Alarm.Verify]). Errors are
// [*RefusedError].
func Accused(a witness.Alarm, l *trust.List) (evidence.Origin, []note.Verifier, error) {
	var o evidence.Origin
	for i, n := range a.Notes {
		tree, err := ledger.ReadCheckpoint(n)
		if err != nil || i > 0 && tree.Origin != o {
			return "", nil, refuse(NoProof, "its checkpoints are not of one ledger: %v", err)
		}
		o = tree.Origin
	}
	var keys []note.Verifier
	for _, g := range l.Logs {
		if g.Origin != string(o) || revoked(l, g.Key) {
			continue
		}
		v, err := g.Key.Verifier()
		if err != nil {
			return "", nil, err
		}
		keys = append(keys, v)
	}
	if len(keys) == 0 {
		return "", nil, refuse(Unlisted, "the trust list has no key of %q that counts", o)
	}
	return o, keys, nil
}

func revoked(l *trust.List, k trust.VKey) bool {
	for _, r := range l.Revoked {
		if r.Key == k {
			return true
		}
	}
	return false
}

// record writes an alarm, and that the ledger is caught when it is the first.
func (c *call) record(o evidence.Origin, b []byte) ([]byte, error) {
	d := trust.DigestOf(b)
	have, err := c.Get(anchor.AlarmKey(o, d))
	if err != nil {
		return nil, err
	}
	if have != nil {
		return nil, refuse(Already, "the alarm %s is recorded", d.Hex())
	}
	first, err := c.Get(anchor.CaughtKey(o))
	if err != nil {
		return nil, err
	}
	if first == nil {
		err = c.Put(anchor.CaughtKey(o), []byte(d.Hex()))
	}
	return b, errors.Join(err, c.Put(anchor.AlarmKey(o, d), b))
}

// split records the alarm when the checkpoint and an anchor are two trees of one size.
// It answers nil when they are not.
func (c *call) split(l *trust.List, signed []byte, tree ledger.Checkpoint) ([]byte, error) {
	have, old, err := c.at(tree.Origin, tree.Size)
	if err != nil || have == nil || *have == tree {
		return nil, err
	}
	a := witness.Alarm{Kind: witness.Split, Notes: [][]byte{old, signed}}
	_, keys, err := Accused(a, l)
	if err != nil {
		return nil, err
	}
	if _, err := a.Verify(keys...); err != nil {
		return nil, refuse(Inconsistent, "another tree of that size is anchored, under a key that no longer counts: %w", err)
	}
	b, err := a.Marshal()
	if err != nil {
		return nil, err
	}
	return c.record(tree.Origin, b)
}

// caught answers with the first alarm about a ledger.
func (c *call) caught() ([]byte, error) {
	o, err := evidence.ParseOrigin(string(c.args[0]))
	if err != nil {
		return nil, refuse(Malformed, "%w", err)
	}
	v, err := c.Get(anchor.CaughtKey(o))
	if err == nil && v == nil {
		err = refuse(Absent, "no alarm about %q is recorded", o)
	}
	if err != nil {
		return nil, err
	}
	d, err := trust.ParseDigest("sha256:" + string(v))
	if err != nil {
		return nil, err
	}
	return c.Get(anchor.AlarmKey(o, d))
}

package contract

import (
	"errors"
	"strconv"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/anchor"
	"example.org/custody/signing/trust"
)

// MaxProof is the largest consistency proof in bytes: 64 hashes as a JSON list.
const MaxProof = 8 << 10

// anchor takes a checkpoint of the submitter's own ledger, or records that the ledger
// signed two trees of one size.
func (c *call) anchor() ([]byte, error) {
	note := c.args[0]
	if len(note) > anchor.MaxNote {
		return nil, refuse(Malformed, "checkpoint of %d bytes", len(note))
	}
	tree, err := ledger.ReadCheckpoint(note)
	if err != nil {
		return nil, refuse(Malformed, "%w", err)
	}
	proof, err := parseHashes(c.args[1])
	if err != nil {
		return nil, err
	}
	l, err := c.own(note, tree)
	if err != nil {
		return nil, err
	}
	if split, err := c.split(l, note, tree); err != nil || split != nil {
		return split, err
	}
	last, err := c.newest(tree.Origin)
	if err != nil {
		return nil, err
	}
	if err := follows(tree, proof, last); err != nil {
		return nil, err
	}
	return c.take(note, tree, last, l.Version)
}

// own checks that the checkpoint is the submitter's own ledger's, signed by the key
// that counts for its size, and that the ledger is neither caught nor past its end.
func (c *call) own(note []byte, tree ledger.Checkpoint) (*trust.List, error) {
	l, err := c.member()
	if err != nil {
		return nil, err
	}
	key, end, err := l.LogKey(string(tree.Origin), tree.Size)
	switch _, retired := l.Retirement(string(tree.Origin)); {
	case retired && errors.Is(err, trust.ErrOutside):
		return nil, refuse(Ended, "%w", err)
	case err != nil:
		return nil, refuse(Unlisted, "%w", err)
	case key.State != c.submitter:
		return nil, refuse(NotOwn, "the ledger %q is of state %s, not of %.40q", tree.Origin, key.State, c.submitter)
	}
	v, err := key.Key.Verifier()
	if err != nil {
		return nil, err
	}
	if _, err := ledger.OpenCheckpoint(note, v); err != nil {
		return nil, refuse(WrongKey, "%w", err)
	}
	if err := c.free(tree.Origin); err != nil {
		return nil, err
	}
	if end != nil && (end.Size != tree.Size || evidence.Hash(end.Root) != tree.Root) {
		return nil, refuse(Ended, "the trust list pins another last checkpoint of %q", tree.Origin)
	}
	return l, nil
}

// free refuses a ledger about which an alarm is recorded.
func (c *call) free(o evidence.Origin) error {
	d, err := c.Get(anchor.CaughtKey(o))
	if err != nil {
		return err
	}
	if d != nil {
		return refuse(Caught, "the alarm %s about the ledger %q is recorded", d, o)
	}
	return nil
}

// newest returns the newest anchor of a ledger, or nil.
func (c *call) newest(o evidence.Origin) (*ledger.Checkpoint, error) {
	v, err := c.Get(anchor.HeadKey(o))
	if err != nil || v == nil {
		return nil, err
	}
	size, err := strconv.ParseUint(string(v), 10, 64)
	if err != nil {
		return nil, err
	}
	tree, _, err := c.at(o, size)
	return tree, err
}

// at returns the anchor of a ledger at a size with its note, or nil.
func (c *call) at(o evidence.Origin, size uint64) (*ledger.Checkpoint, []byte, error) {
	v, err := c.Get(anchor.CheckpointKey(o, size))
	if err != nil || v == nil {
		return nil, nil, err
	}
	a, tree, err := anchor.ParseAnchored(v)
	if err != nil {
		return nil, nil, err
	}
	return &tree, []byte(a.Note), nil
}

func follows(tree ledger.Checkpoint, proof []evidence.Hash, last *ledger.Checkpoint) error {
	switch {
	case last == nil && len(proof) > 0:
		return refuse(Inconsistent, "a first anchor of %q has no proof", tree.Origin)
	case last == nil:
		return nil
	case tree == *last:
		return refuse(Already, "%q is anchored at size %d", tree.Origin, tree.Size)
	case tree.Size < last.Size:
		return refuse(Smaller, "%q is anchored at size %d, and this tree has %d leaves", tree.Origin, last.Size, tree.Size)
	}
	if err := tree.VerifyConsistency(proof, *last); err != nil {
		return refuse(Inconsistent, "%w", err)
	}
	return nil
}

func (c *call) take(note []byte, tree ledger.Checkpoint, last *ledger.Checkpoint, version int64) ([]byte, error) {
	a := anchor.Anchored{Note: string(note), State: c.submitter, Transaction: c.id, Trust: version}
	if last != nil {
		a.Previous = &last.Size
	}
	b, err := a.Marshal()
	if err != nil {
		return nil, err
	}
	if err := c.Put(anchor.CheckpointKey(tree.Origin, tree.Size), b); err != nil {
		return nil, err
	}
	return b, c.Put(anchor.HeadKey(tree.Origin), strconv.AppendUint(nil, tree.Size, 10))
}

// head answers with the newest anchor of a ledger.
func (c *call) head() ([]byte, error) {
	o, err := evidence.ParseOrigin(string(c.args[0]))
	if err != nil {
		return nil, refuse(Malformed, "%w", err)
	}
	v, err := c.Get(anchor.HeadKey(o))
	if err == nil && v == nil {
		err = refuse(Absent, "nothing of %q is anchored", o)
	}
	if err != nil {
		return nil, err
	}
	size, err := strconv.ParseUint(string(v), 10, 64)
	if err != nil {
		return nil, err
	}
	return c.Get(anchor.CheckpointKey(o, size))
}

func parseHashes(b []byte) ([]evidence.Hash, error) {
	var list []evidence.Hash
	if len(b) > MaxProof {
		return nil, refuse(Malformed, "proof of %d bytes", len(b))
	}
	if err := evidence.ParseCanonical(b, &list); err != nil || list == nil {
		return nil, refuse(Malformed, "proof is no list of hashes: %v", err)
	}
	return list, nil
}

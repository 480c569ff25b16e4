package verifytest

import (
	"context"
	"slices"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/verify/pack"
	"golang.org/x/mod/sumdb/note"
)

// Log is one state's ledger. After every event it writes an epoch and a
// checkpoint that all other states cosign.
type Log struct {
	Origin evidence.Origin
	Seals  *closed.Map // of the leaves so far
	Proves Proving     // with what dossiers prove

	state *State
	key   *noteKey
	disk  *ledgertest.Disk
	read  *ledgertest.MemLog
	kept  *kept // by an engine, beside memory; nil: by none
	size  uint64
	notes [][]byte // every checkpoint made, in order
}

func newLog(s *State, o evidence.Origin) *Log {
	l := &Log{Origin: o, state: s, Seals: closed.New(o), disk: ledgertest.NewDisk(o)}
	l.key = newNoteKey(string(o), "log "+string(o), 1)
	var err error
	l.read, err = l.disk.Open()
	must(err)
	l.kept = keep(o)
	return l
}

// Size returns the number of leaves.
func (l *Log) Size() uint64 { return l.size }

// Append adds leaves that keep the rules and returns the index of the first.
func (l *Log) Append(leaves ...ledger.Leaf) uint64 {
	for _, leaf := range leaves {
		must(l.Seals.Add(leaf))
	}
	return l.write(leaves)
}

// Force adds leaves whatever they are; the map takes them for padding.
func (l *Log) Force(leaves ...ledger.Leaf) uint64 {
	for range leaves {
		must(l.Seals.Add(ledger.Leaf{byte(ledger.TypePadding)}))
	}
	return l.write(leaves)
}

// take adds an event's leaf. A second close of a seal is forced in, as a ledger
// that breaks the rules would.
func (l *Log) take(leaf ledger.Leaf) uint64 {
	seal, _ := leaf.Seal()
	if _, _, closed, err := l.Seals.Get(seal); err != nil || closed {
		return l.Force(leaf)
	}
	return l.Append(leaf)
}

func (l *Log) write(leaves []ledger.Leaf) uint64 {
	l.disk.Force(leaves...)
	l.kept.add(leaves)
	l.size += uint64(len(leaves))
	return l.size - uint64(len(leaves))
}

// Epoch appends the epoch that covers everything so far.
func (l *Log) Epoch() uint64 { return l.Append(l.Seals.NextEpoch().Leaf()) }

// Cosigning says who cosigns a checkpoint and when.
type Cosigning struct {
	At        time.Time // zero: the world's clock
	Witnesses []string  // states; nil: all others
	Auditors  []string  // likewise
	Nobody    bool      // no witness and no auditor
}

// Checkpoint signs a checkpoint of the present size and has it cosigned.
func (l *Log) Checkpoint(c Cosigning) []byte {
	cp, err := ledger.CheckpointOf(l.Origin, l.size, l.reader().Hashes(context.Background(), l.size))
	must(err)
	signed := l.state.world.Cosign(l.Sign(cp), l.state, c)
	l.notes = append(l.notes, signed)
	return signed
}

// Sign returns a checkpoint of any content, signed by the ledger's key alone.
func (l *Log) Sign(cp ledger.Checkpoint) []byte {
	signed, err := cp.Sign(l.key)
	must(err)
	return signed
}

// Note returns the newest checkpoint of that size.
func (l *Log) Note(size uint64) []byte {
	for _, n := range slices.Backward(l.notes) {
		if cp, err := ledger.ReadCheckpoint(n); err == nil && cp.Size == size {
			return n
		}
	}
	panic("verifytest: no checkpoint of that size")
}

// Latest returns the newest checkpoint.
func (l *Log) Latest() []byte { return l.notes[len(l.notes)-1] }

// Receipt proves the leaf at an index under a checkpoint.
func (l *Log) Receipt(signed []byte, index uint64, leaf ledger.Leaf) *ledger.Receipt {
	cp, err := ledger.ReadCheckpoint(signed)
	must(err)
	r, err := ledger.NewReceipt(signed, l.reader().Hashes(context.Background(), cp.Size), index, leaf)
	must(err)
	return &r
}

// Proving chooses with what a ledger's events are proven. The zero value is the
// newest of everything.
type Proving struct {
	Below  uint64 // at the last epoch below that index; 0: the last
	Shared []byte // nil: the newest checkpoint
	Time   []byte // checkpoint that gives T, nil: the shared one
}

// Prover proves as [Log.Proves] says.
func (l *Log) Prover() pack.Prover {
	seals, shared := l.Seals, l.Proves.Shared
	if n := l.Proves.Below; n > 0 {
		seals = l.MapBelow(n)
	}
	if shared == nil {
		shared = l.Latest()
	}
	p, err := pack.NewProver(context.Background(), l.reader(), seals, shared, l.Proves.Time)
	must(err)
	return p
}

// MapBelow returns the map of the seals closed below an index.
func (l *Log) MapBelow(index uint64) *closed.Map {
	m := closed.New(l.Origin)
	for leaf, err := range l.reader().Leaves(context.Background(), 0, index) {
		must(err)
		must(m.Add(leaf))
	}
	return m
}

// EpochLine proves a leaf as the epoch at an index, whatever it is.
func (l *Log) EpochLine(index uint64, leaf ledger.Leaf) pack.EpochLine {
	return pack.EpochLine{Index: index, Leaf: pack.LeafBytes(leaf), Proof: l.Receipt(l.Latest(), index, leaf).Proof}
}

// Cosign adds the cosignatures of other states than own to a signed checkpoint.
func (w *World) Cosign(signed []byte, own *State, c Cosigning) []byte {
	if c.At.IsZero() {
		c.At = w.Now
	}
	if c.Nobody {
		return signed
	}
	n, err := note.Open(signed, note.VerifierList(verifierOf(signed, own)))
	must(err)
	var signers []note.Signer
	for _, s := range w.States {
		if s == own {
			continue
		}
		s.witness.at, s.auditor.at = c.At, c.At
		if chosen(c.Witnesses, s.Code) {
			signers = append(signers, s.witness)
		}
		if chosen(c.Auditors, s.Code) {
			signers = append(signers, s.auditor)
		}
	}
	out, err := note.Sign(n, signers...)
	must(err)
	return out
}

// verifierOf returns what verifies the log's own signature on a note.
func verifierOf(signed []byte, own *State) note.Verifier {
	cp, err := ledger.ReadCheckpoint(signed)
	must(err)
	for _, l := range own.Logs {
		if l.Origin == cp.Origin {
			v, err := l.key.vkey.Verifier()
			must(err)
			return v
		}
	}
	panic("verifytest: checkpoint of " + string(cp.Origin) + " is not of " + own.Code)
}

func chosen(list []string, code string) bool {
	if list == nil {
		return true
	}
	for _, c := range list {
		if c == code {
			return true
		}
	}
	return false
}

// Tree returns the checkpoint of the present size, unsigned.
func (l *Log) Tree() ledger.Checkpoint {
	cp, err := ledger.CheckpointOf(l.Origin, l.size, l.reader().Hashes(context.Background(), l.size))
	must(err)
	return cp
}

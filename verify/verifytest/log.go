package verifytest

import (
	"context"
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

	state *State
	key   *noteKey
	disk  *ledgertest.Disk
	read  *ledgertest.MemLog
	size  uint64
	notes [][]byte // every checkpoint made, in order
}

func newLog(s *State, o evidence.Origin) *Log {
	l := &Log{Origin: o, state: s, Seals: closed.New(o), disk: ledgertest.NewDisk(o)}
	l.key = newNoteKey(string(o), "log "+string(o), 1)
	var err error
	l.read, err = l.disk.Open()
	must(err)
	return l
}

// Size returns the number of leaves.
func (l *Log) Size() uint64 { return l.size }

// Append adds leaves that keep the rules and returns the index of the first.
func (l *Log) Append(leaves ...ledger.Leaf) uint64 {
	for _, leaf := range leaves {
		must(l.Seals.Add(leaf))
	}
	return l.Force(leaves...)
}

// Force adds leaves whatever they are; the map does not hear of them.
func (l *Log) Force(leaves ...ledger.Leaf) uint64 {
	l.disk.Force(leaves...)
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
	cp, err := ledger.CheckpointOf(l.Origin, l.size, l.read.Hashes(context.Background(), l.size))
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

// Latest returns the newest checkpoint.
func (l *Log) Latest() []byte { return l.notes[len(l.notes)-1] }

// Receipt proves the leaf at an index under a checkpoint.
func (l *Log) Receipt(signed []byte, index uint64, leaf ledger.Leaf) *ledger.Receipt {
	cp, err := ledger.ReadCheckpoint(signed)
	must(err)
	r, err := ledger.NewReceipt(signed, l.read.Hashes(context.Background(), cp.Size), index, leaf)
	must(err)
	return &r
}

// Prover proves at the ledger's last epoch under a checkpoint; time gives T
// where it is another one.
func (l *Log) Prover(shared, time []byte) pack.Prover {
	p, err := pack.NewProver(context.Background(), l.read, l.Seals, shared, time)
	must(err)
	return p
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
	cp, err := ledger.CheckpointOf(l.Origin, l.size, l.read.Hashes(context.Background(), l.size))
	must(err)
	return cp
}

package channel

import (
	"context"
	"errors"
	"fmt"

	"example.org/custody/ledger"
	"example.org/custody/ledger/channel/contract"
	"example.org/custody/ledger/witness"
)

// ErrCaught reports that the ledger is caught, by an alarm that its own signatures prove:
// nothing of it is anchored any longer.
var ErrCaught = errors.New("an alarm about the ledger is recorded on the channel")

// ErrClaimed reports that peers say something against the ledger and show nothing that
// proves it by the ledger's own signatures. It says nothing about the ledger.
var ErrClaimed = errors.New("peers say so of the ledger, and show nothing that its key has signed")

// caught returns [ErrCaught] when the alarm that the channel is said to have proves
// itself, and [ErrClaimed] when it is not shown or proves nothing. Said is the refusal.
func (f *Follower) caught(ctx context.Context, said error) error {
	b, err := f.Channel.Query(ctx, contract.FuncCaught, []byte(f.Origin))
	if err != nil {
		return fmt.Errorf("%w: %w: its alarm: %w", ErrClaimed, said, err)
	}
	a, err := witness.ParseAlarm(b)
	if err != nil {
		return fmt.Errorf("%w: %w: its alarm: %w", ErrClaimed, said, err)
	}
	return fmt.Errorf("%w: %w", f.convict(a), said)
}

// convict holds an alarm against the keys that the trust list has for the ledger.
func (f *Follower) convict(a witness.Alarm) error {
	o, keys, err := contract.Accused(a, f.Trust)
	if err == nil && o != f.Origin {
		err = fmt.Errorf("the alarm is about %q: %w", o, witness.ErrAlarm)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrClaimed, err)
	}
	what, err := a.Verify(keys...)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrClaimed, err)
	}
	return fmt.Errorf("%w: %s", ErrCaught, what)
}

// behind returns [ErrBehind] when the ledger itself has signed the larger tree that is
// said to be anchored, and [ErrClaimed] when it has not.
func (f *Follower) behind(tree, last ledger.Checkpoint, note []byte) error {
	key, _, err := f.Trust.LogKey(string(f.Origin), last.Size)
	if err != nil {
		return fmt.Errorf("%d leaves are anchored: %w: %w", last.Size, ErrClaimed, err)
	}
	v, err := key.Key.Verifier()
	if err == nil {
		_, err = ledger.OpenCheckpoint(note, v)
	}
	if err != nil {
		return fmt.Errorf("%d leaves are anchored: %w: %w", last.Size, ErrClaimed, err)
	}
	return fmt.Errorf("%d leaves, and %d are anchored: %w", tree.Size, last.Size, ErrBehind)
}

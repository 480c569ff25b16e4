package channel

import (
	"errors"
	"testing"

	"example.org/custody/evidence"
	"example.org/custody/ledger/anchor"
	"example.org/custody/ledger/channel/contract"
	"example.org/custody/ledger/witness"
	"example.org/custody/signing/trust"
	"golang.org/x/mod/sumdb/note"
)

// refused is what peers say that refuse.
func refused(c contract.Code) error {
	return &contract.RefusedError{Code: c, Err: errors.New("said so")}
}

// split is an alarm that a ledger's key, or another one, has signed.
func split(t *testing.T, o evidence.Origin, key note.Signer) []byte {
	t.Helper()
	a := witness.Alarm{Kind: witness.Split}
	for _, salt := range []byte{1, 2} {
		signed, err := newBook(t, o, key, salt).Checkpoint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		a.Notes = append(a.Notes, signed)
	}
	b, err := a.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func stranger(t *testing.T, name string) note.Signer {
	t.Helper()
	skey, _, err := trust.GenerateKey(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// That the ledger is caught is believed of its own signatures alone: never because peers
// refuse, nor of an alarm that another key has signed, or about another ledger. When they
// have stopped saying so, it is anchored.
func TestFollowClaimed(t *testing.T) {
	for name, c := range map[string]struct {
		alarm func(b *book) ([]byte, error)
		want  error
	}{
		"no alarm":       {func(*book) ([]byte, error) { return nil, refused(contract.Absent) }, ErrClaimed},
		"none is shown":  {func(*book) ([]byte, error) { return nil, errDown }, ErrClaimed},
		"no form":        {func(*book) ([]byte, error) { return []byte("{}"), nil }, ErrClaimed},
		"another key":    {func(b *book) ([]byte, error) { return split(t, b.origin, stranger(t, "ledger.AA")), nil }, ErrClaimed},
		"another ledger": {func(*book) ([]byte, error) { return split(t, "ledger.BB", stranger(t, "ledger.BB")), nil }, ErrClaimed},
		"its own key":    {func(b *book) ([]byte, error) { return split(t, b.origin, b.key), nil }, ErrCaught},
	} {
		ch, b, f := follow(t)
		ch.says = func(function string) ([]byte, error) {
			switch function {
			case contract.FuncAnchor:
				return nil, refused(contract.Caught)
			case contract.FuncCaught:
				return c.alarm(b)
			}
			return nil, nil
		}
		_, err := f.Round(t.Context())
		if !errors.Is(err, c.want) || errors.Is(err, ErrCaught) != (c.want == ErrCaught) || !contract.IsRefused(err, contract.Caught) {
			t.Errorf("%s: %v", name, err)
		}
		ch.says = nil
		if _, err := f.Round(t.Context()); err != nil {
			t.Errorf("%s: then: %v", name, err)
		}
	}
}

// A ledger that another one's alarm is about, signed by that one's own key, is not caught.
func TestFollowConvict(t *testing.T) {
	_, b, f := follow(t)
	f.Origin = "ledger.BB"
	a, err := witness.ParseAlarm(split(t, b.origin, b.key))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.convict(a); !errors.Is(err, ErrClaimed) || errors.Is(err, ErrCaught) {
		t.Errorf("%v", err)
	}
	f.Origin = b.origin
	if err := f.convict(a); !errors.Is(err, ErrCaught) {
		t.Errorf("%v", err)
	}
}

// That the ledger shows less than it did is believed of a larger tree that it has signed.
func TestFollowBehindClaimed(t *testing.T) {
	c, b, f := follow(t)
	head := func(key note.Signer, size uint64) []byte {
		more := newBook(t, b.origin, key, make([]byte, size)...)
		signed, err := more.Checkpoint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		a := anchor.Anchored{Note: string(signed), State: "AA", Transaction: trust.DigestOf(nil).Hex(), Trust: 1}
		answer, err := a.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	for name, p := range map[string]struct {
		head []byte
		want error
	}{
		"signed by another key": {head(stranger(t, "ledger.AA"), 100), ErrClaimed},
		"signed by its own":     {head(b.key, 100), ErrBehind},
	} {
		c.says = func(function string) ([]byte, error) {
			if function == contract.FuncHead {
				return p.head, nil
			}
			return nil, nil
		}
		_, err := f.Round(t.Context())
		if !errors.Is(err, p.want) || errors.Is(err, ErrBehind) != (p.want == ErrBehind) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

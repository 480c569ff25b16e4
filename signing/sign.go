package signing

import (
	"context"
	"errors"
	"fmt"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
)

// ErrNoKey reports a signature whose key was not given: nothing is known about
// it, neither good nor bad.
var ErrNoKey = errors.New("no key given for this signature")

// ErrSigners reports that others signed than should have, or in another order.
var ErrSigners = errors.New("not signed by exactly the named keys in their order")

// Result says what was found about one signature.
type Result struct {
	KeyID KeyID // whose signature it claims to be
	// Err is nil when the signature verifies, wraps [ErrSignature] when it is
	// proven wrong, and wraps [ErrNoKey] when it could not be decided.
	Err error
}

// Sign returns payload signed by each signer, in the order given, which must be
// the order in which the payload names them (rule P19).
//
// The signed bytes are DSSE's pre-authentication encoding of type and payload.
// ECDSA signatures are brought to low S, and every signature is verified before
// Sign returns, so that a faulty key store never puts a bad one into a ledger.
func Sign(ctx context.Context, payloadType string, payload []byte, signers ...Signer) (*Envelope, error) {
	e := &Envelope{PayloadType: payloadType, Payload: payload}
	message := dsse.PAE(payloadType, payload)
	for _, s := range signers {
		public := s.Public()
		sig, err := s.Sign(ctx, message)
		if err != nil {
			return nil, fmt.Errorf("sign with key %s: %w", public.ID(), err)
		}
		if sig, err = public.normalise(sig); err != nil {
			return nil, fmt.Errorf("sign with key %s: %w", public.ID(), err)
		}
		if err := public.verify(message, sig); err != nil {
			return nil, fmt.Errorf("own signature refused: %w", err)
		}
		e.Signatures = append(e.Signatures, Signature{KeyID: public.ID(), Sig: sig})
	}
	if _, err := e.Marshal(); err != nil {
		return nil, err
	}
	return e, nil
}

// Verify looks at each signature and returns one result for each, in the
// envelope's order. keys may hold more keys than signed, and in any order; who
// had to sign is [Envelope.CheckSigners].
func (e *Envelope) Verify(keys ...*PublicKey) []Result {
	byID := make(map[KeyID]*PublicKey, len(keys))
	for _, k := range keys {
		byID[k.ID()] = k
	}
	message := dsse.PAE(e.PayloadType, e.Payload)
	results := make([]Result, len(e.Signatures))
	for i, s := range e.Signatures {
		results[i].KeyID = s.KeyID
		if k := byID[s.KeyID]; k != nil {
			results[i].Err = k.verify(message, s.Sig)
		} else {
			results[i].Err = fmt.Errorf("key %s: %w", s.KeyID, ErrNoKey)
		}
	}
	return results
}

// CheckSigners reports with [ErrSigners] that the envelope is not signed by
// exactly the keys ids, in that order: those its payload names (rule P19). It
// verifies no signature.
func (e *Envelope) CheckSigners(ids ...KeyID) error {
	if len(ids) != len(e.Signatures) {
		return fmt.Errorf("%d signatures, %d named: %w", len(e.Signatures), len(ids), ErrSigners)
	}
	for i, id := range ids {
		if got := e.Signatures[i].KeyID; got != id {
			return fmt.Errorf("signature %d is by key %s, named is %s: %w", i, got, id, ErrSigners)
		}
	}
	return nil
}

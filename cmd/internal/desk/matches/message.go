package matches

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"example.org/custody/cmd/internal/desk/input"
	"example.org/custody/evidence"
	"example.org/custody/signing"
)

// payloadType is the media type of what a sender signs.
const payloadType = "application/vnd.custody.match.v1+json"

// maxMessage is the largest file of a message in bytes: sixteen blocks twice, and room.
const maxMessage = 8 << 20

// signed is what a sender signs, in the order of canonical JSON.
type signed struct {
	Format string         `json:"format"`
	SHA256 evidence.Hash  `json:"sha256"` // of the message
	To     evidence.KeyID `json:"to"`
}

const signedFormat = "custody/match/signed/v1"

// seal signs a message and encrypts it to a peer.
func (d *Desk) seal(ctx context.Context, p *Peer, message []byte) ([]byte, error) {
	payload, err := evidence.Canonical(signed{Format: signedFormat, SHA256: sha256.Sum256(message), To: p.Key})
	if err != nil {
		return nil, err
	}
	e, err := signing.Sign(ctx, payloadType, payload, d.Signer)
	if err != nil {
		return nil, err
	}
	head, err := e.Marshal()
	if err != nil {
		return nil, err
	}
	to, err := age.ParseX25519Recipient(p.card.Vault)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoPeer, err)
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, to)
	if err == nil {
		_, err = w.Write(append(append(head, '\n'), message...))
	}
	if err == nil {
		err = w.Close()
	}
	return sealed.Bytes(), err
}

// received is a message, decrypted; whose it is says the envelope once it is verified.
type received struct {
	envelope *signing.Envelope
	message  []byte
}

// open decrypts a message's file. Errors: [ErrFile], [ErrOther].
func (d *Desk) open(path string) (*received, error) {
	raw, err := input.Read(path, maxMessage)
	if err != nil {
		return nil, err
	}
	r, err := age.Decrypt(bytes.NewReader(raw), d.Vault)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) {
		return nil, fmt.Errorf("it is encrypted to another desk: %w", ErrOther)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	head, message, ok := bytes.Cut(plain, []byte("\n"))
	if !ok {
		return nil, ErrFile
	}
	e, err := signing.Parse(head)
	if err != nil || e.PayloadType != payloadType {
		return nil, ErrFile
	}
	return &received{envelope: e, message: message}, nil
}

// by reports [ErrOther] unless the message was signed by a peer, for this officer.
func (m *received) by(p *Peer, to evidence.KeyID) error {
	var s signed
	if err := evidence.ParseCanonical(m.envelope.Payload, &s); err != nil || s.Format != signedFormat {
		return ErrFile
	}
	err := m.envelope.CheckSigners(p.card.Key.ID())
	if err == nil {
		err = m.envelope.Verify(p.card.Key)[0].Err
	}
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrOther, err)
	case s.SHA256 != sha256.Sum256(m.message):
		return fmt.Errorf("it was signed over another message: %w", ErrOther)
	case s.To != to:
		return fmt.Errorf("it was signed for the key %s: %w", evidence.Hash(s.To), ErrOther)
	}
	return nil
}

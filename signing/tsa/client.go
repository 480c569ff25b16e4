package tsa

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"time"

	"example.org/custody/signing/cms"
)

// Media types of RFC 3161 §3.4.
const (
	queryType = "application/timestamp-query"
	replyType = "application/timestamp-reply"
)

const (
	maxReply  = 1 << 20 // bytes that are read of an answer
	wait      = 20 * time.Second
	skewLimit = 10 * time.Minute // how far an authority's clock may be from the caller's
)

// ErrUnavailable reports an authority that does not answer, or not with a
// timestamp response: without a token nothing is known but the caller's own word.
var ErrUnavailable = errors.New("the timestamp authority does not answer")

// ErrClock reports a token whose time is far from the caller's: one of the two
// clocks is wrong.
var ErrClock = errors.New("the timestamp authority's clock and this one differ")

// Client asks one authority. The zero value but for URL is ready to use.
type Client struct {
	URL  string           // http or https
	HTTP *http.Client     // nil: one that follows no redirection and waits 20 seconds
	Now  func() time.Time // the caller's clock; nil: the token's time is not compared
}

// plain follows no redirection: whom one asks is whom one named.
var plain = &http.Client{Timeout: wait, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// CheckURL reports an address that is not http or https with a host.
func CheckURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" {
		return fmt.Errorf("%.200q is no address of a timestamp authority: https://… wanted", address)
	}
	return nil
}

// Stamp returns a token, in DER, over bytes with that SHA-256.
//
// It returns [ErrUnavailable], [ErrClock], and what [cms.Request.ParseResponse]
// returns: [cms.ErrRefused] when the authority gives none.
func (c Client) Stamp(ctx context.Context, digest [sha256.Size]byte) ([]byte, error) {
	_, raw, err := c.Ask(ctx, digest)
	return raw, err
}

// Ask is [Client.Stamp], with what the token says.
func (c Client) Ask(ctx context.Context, digest [sha256.Size]byte) (*cms.Token, []byte, error) {
	return c.ask(ctx, cms.Request{Digest: digest, Nonce: nonce()})
}

// AskLong is [Client.Ask] over bytes with that SHA-512, for a token that is to outlast
// SHA-256.
func (c Client) AskLong(ctx context.Context, digest [sha512.Size]byte) (*cms.Token, []byte, error) {
	return c.ask(ctx, cms.Request{Long: digest[:], Nonce: nonce()})
}

func (c Client) ask(ctx context.Context, r cms.Request) (*cms.Token, []byte, error) {
	if err := CheckURL(c.URL); err != nil {
		return nil, nil, err
	}
	answer, err := c.post(ctx, r.Marshal())
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", c.URL, err)
	}
	t, raw, err := r.ParseResponse(answer)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", c.URL, err)
	}
	if c.Now != nil {
		if off := t.Time.Sub(c.Now()); off.Abs() > skewLimit {
			return nil, nil, fmt.Errorf("%s says %s, %s from this clock: %w", c.URL, t.Time.Format(time.RFC3339), off.Abs(), ErrClock)
		}
	}
	return t, raw, nil
}

// nonce returns 64 random bits, the first of them set.
func nonce() *big.Int {
	var b [8]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	b[0] = b[0]&0x7f | 0x40
	return new(big.Int).SetBytes(b[:])
}

func (c Client) post(ctx context.Context, query []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, bytes.NewReader(query))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", queryType)
	client := c.HTTP
	if client == nil {
		client = plain
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxReply+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	// Some authorities answer 201, and some leave the media type's case to chance.
	case res.StatusCode != http.StatusOK && res.StatusCode != http.StatusCreated:
		return nil, fmt.Errorf("%w: status %d", ErrUnavailable, res.StatusCode)
	case len(b) > maxReply:
		return nil, fmt.Errorf("%w: answer over %d bytes", ErrUnavailable, maxReply)
	}
	return b, nil
}

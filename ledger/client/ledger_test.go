package client

import (
	"net/http"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/signing/trust"
)

// A request that came twice on the way is denied the second time; it is signed again
// with a nonce of its own, a few times, and other denials are not.
func TestReplayedIsSignedAgain(t *testing.T) {
	skey, vkey, err := trust.GenerateKey("aa.example/ledger")
	must(t, err)
	logKey, err := note.NewSigner(skey)
	must(t, err)
	verifier, err := vkey.Verifier()
	must(t, err)
	signed, err := ledger.Checkpoint{Origin: "aa.example/ledger", Size: 1}.Sign(logKey)
	must(t, err)
	for _, c := range []struct {
		name   string
		code   string
		denied int // how often
		sent   int
		good   bool
	}{{"twice", wire.CodeReplayed, 1, 2, true}, {"always", wire.CodeReplayed, 9, tries, false}, {"revoked", "key-revoked", 9, 1, false}} {
		nonces := map[string]bool{}
		node, n := scripted(t, func(n int, r *http.Request) (int, map[string]string, string, error) {
			nonces[r.Header.Get("Signature-Input")] = true
			if n > c.denied {
				return http.StatusOK, nil, string(signed), nil
			}
			b, err := evidence.Canonical(&wire.Problem{Code: c.code, Title: "no", Means: "nothing", Do: []string{"x"}, Status: 401, Type: "urn:custody:problem:" + c.code})
			return http.StatusUnauthorized, map[string]string{"Content-Type": wire.ProblemKind}, string(b), err
		})
		l := node.Ledger(Access{
			Origin: "aa.example/ledger", Keys: []note.Verifier{verifier}, Signer: p256(t), Now: time.Now, Enough: func([]byte) bool { return true },
		})
		_, err := l.Cosigned(t.Context())
		if (err == nil) != c.good || int(n.Load()) != c.sent || len(nonces) != c.sent {
			t.Errorf("%s: %d sent, %d signatures, %v", c.name, n.Load(), len(nonces), err)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

package signing_test

import (
	"errors"
	"strings"
	"testing"

	"example.org/custody/signing"
)

// FuzzParseNames: key ids and suites have one spelling each.
func FuzzParseNames(f *testing.F) {
	for _, s := range []string{"", string(signing.ECDSAP256), "ECDSA-P256-SHA256", strings.Repeat("0a", 32), strings.Repeat("0A", 32)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := signing.ParseKeyID(s); err == nil && id.String() != s || err != nil && !errors.Is(err, signing.ErrKeyID) {
			t.Errorf("key id %q: %v, %v", s, id, err)
		}
		if suite, err := signing.ParseSuite(s); err == nil && string(suite) != s || err != nil && !errors.Is(err, signing.ErrSuite) {
			t.Errorf("suite %q: %v, %v", s, suite, err)
		}
	})
}

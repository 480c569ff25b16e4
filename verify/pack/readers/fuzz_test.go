package readers_test

import (
	"strings"
	"testing"

	"example.org/custody/verify/pack/readers"
)

// Whatever a file of recipients or keys holds, it is refused or read; every recipient
// that is read is one by itself.
func FuzzReaders(f *testing.F) {
	f.Add("age1hw3e4t90nsqkkxj7d6f6sqz0pf3vhqp5k4kmn2nesyq72k8yyfnq7ljjar")
	f.Add("# key\nAGE-SECRET-KEY-1M7DQWHPXV8AG6HT6S2Z6CM9HEZA3Z95FS54UP5F5PLP6CCZSP42QKRGKV2\n")
	f.Add("age1pq1")
	f.Fuzz(func(t *testing.T, s string) {
		if list, err := readers.ParseRecipients([]byte(s)); err == nil {
			for _, r := range list {
				if _, err := readers.ParseRecipient(r); err != nil {
					t.Errorf("%q of a file is none: %v", r, err)
				}
			}
			if err := readers.Check(list); err == nil {
				if _, err := encrypt(t, s, list...); err != nil {
					t.Errorf("cannot encrypt to %q: %v", list, err)
				}
			}
		}
		if _, err := readers.ParseKeys([]byte(s)); err != nil && strings.Contains(err.Error(), "SECRET") {
			t.Error("the error tells the key")
		}
	})
}

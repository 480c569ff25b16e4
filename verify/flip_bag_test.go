package verify_test

import (
	"bytes"
	"maps"
	"strings"
	"testing"

	"example.org/custody/verify"
	"example.org/custody/verify/pack"
)

// Whatever byte of a bag is another, and though the packer signed it so: it never
// holds, for every other byte when no plain digest is recomputed.
func TestEveryByteOfBag(t *testing.T) {
	d := inBag()
	everyByte(t, d.files[theBag], func(t *testing.T, b []byte, i int) {
		b[i] ^= 1 << (i % 8)
		p := d.instead(theBag, bytes.Clone(b))
		b[i] ^= 1 << (i % 8)
		p.opts.TreeOnly = i%2 == 0
		if v := p.verdict(t); v.Exit == verify.ExitHolds || v.Status == verify.Holds {
			t.Errorf("byte %d: exit %d: %s", i, v.Exit, v.Sentence)
		}
	})
}

// Whatever byte of a file is another that belongs to the bag: with the right checksum
// that is proof against it.
func TestEveryByteOfTags(t *testing.T) {
	d := inBag()
	members := unbagged(d.files[theBag])
	for name, content := range members {
		if strings.HasPrefix(name, "1/data/") {
			continue
		}
		everyByte(t, content, func(t *testing.T, b []byte, i int) {
			b[i] ^= 1 << (i % 8)
			changed := maps.Clone(members)
			changed[name] = bytes.Clone(b)
			b[i] ^= 1 << (i % 8)
			p := d.instead(theBag, rebagged(changed))
			p.opts.TreeOnly = true
			if v := p.verdict(t); v.Exit != verify.ExitFails || (shown{0, verify.Fails, "package.bag", theBag}).in(v) == nil {
				t.Errorf("%s, byte %d: exit %d: %s", name, i, v.Exit, v.Sentence)
			}
		})
	}
	if len(members) != 6 || members["1/"+pack.ManifestTag] == nil {
		t.Errorf("%d members", len(members))
	}
}

// instead is the package with one file in place of another, signed.
func (d *delivery) instead(name string, content []byte) packed {
	changed := *d
	changed.files = maps.Clone(d.files)
	changed.files[name] = content
	return changed.signed(nil, nil)
}

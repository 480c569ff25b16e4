//go:build engines && linux

package main

import (
	"bytes"
	"crypto/sha256"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
)

// large is more than goes into a bucket in one part.
const large = 8<<20 + 1

// bytesOf are the bytes of an exhibit: of most so few that they lie in a pack with others,
// of some so many that they go into a bucket in parts.
func bytesOf(exhibit string) []byte {
	seed := sha256.Sum256([]byte(exhibit))
	b := make([]byte, 1+int(seed[0])<<8)
	if seed[1]%8 == 0 {
		b = make([]byte, large)
	}
	_, _ = rand.NewChaCha8(seed).Read(b) // it does not fail
	return b
}

// put makes an exhibit's file, which is to be sealed.
func (s *story) put(exhibit string) error {
	return os.WriteFile(filepath.Join(s.dir, exhibit), bytesOf(exhibit), 0o600)
}

// readsBack packs all that a state has sealed, has the package verified, and takes the
// evidence out of it again: every byte is what was sealed, and nothing is missing that
// somebody was given a receipt for.
func (s *story) readsBack(state string, exhibits ...string) {
	s.t.Helper()
	s.run("custody", "pack", "--home", state, "--case", "K", "--out", "all-of-"+state+".asice")
	var got struct{ Files []struct{ Path string } }
	if err := lines(s.run("custody", "open", "--trust", s.list(), "--out", "read-"+state, "all-of-"+state+".asice", "--json"), &got); err != nil {
		s.t.Fatal(err)
	}
	read, size := map[string]bool{}, 0
	for _, f := range got.Files {
		b, err := os.ReadFile(filepath.Join(s.dir, "read-"+state, filepath.FromSlash(f.Path)))
		exhibit := path.Base(f.Path)
		if err != nil || !bytes.Equal(b, bytesOf(exhibit)) {
			s.t.Errorf("%s of %s is not what was sealed: %d bytes, %v", exhibit, state, len(b), err)
		}
		read[exhibit] = true
		size += len(b)
	}
	for _, exhibit := range exhibits {
		if !read[exhibit] {
			s.t.Errorf("%s of %s was sealed with a receipt and is not read back", exhibit, state)
		}
	}
	s.t.Logf("%s: %d exhibits of %d bytes read back, %d of them with a receipt", state, len(read), size, len(exhibits))
}

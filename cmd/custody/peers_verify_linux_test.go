package main

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkVerifyLargePackage verifies a package with a gibibyte of evidence in
// it, all ten questions, as a court would; openssl and cosign take the digest of
// the same package. The tour packs its file twice, as sealed and as a working copy.
func BenchmarkVerifyLargePackage(b *testing.B) {
	d := newDesks(b)
	dir := d.toured(b, d.largeFile(b, 2))
	file := filepath.Join(dir, "package.asice")
	verifying := func(flags ...string) *exec.Cmd {
		args := append([]string{"verify", "--trust", filepath.Join(dir, "trust.note")}, flags...)
		return d.command("", append(args, file)...)
	}
	full := &contestant{name: "custody verify", ready: func(int) *exec.Cmd { return verifying() }}
	tree := &contestant{name: "custody verify --tree", ready: func(int) *exec.Cmd { return verifying("--tree") }}
	all := []*contestant{full, tree}
	digest := opensslDigest(b, file)
	if digest != nil {
		all = append(all, digest)
	}
	cosign := cosignVerify(b, file)
	if cosign != nil {
		all = append(all, cosign)
	}
	compete(b, all...)
	if digest != nil {
		atLeast(b, "verify a large package, speed against openssl dgst -sha256", over(digest, full), 0.85)
		atLeast(b, "verify a large package with --tree, speed against openssl dgst -sha256", over(digest, tree), 1.1)
	}
	if cosign != nil {
		atLeast(b, "verify a large package, speed against cosign verify-blob", over(cosign, full), 2)
	}
	atMost(b, "verify a large package, memory in MB", float64(full.memory())/1e6, 100)
	atMost(b, "verify a large package with --tree, memory in MB", float64(tree.memory())/1e6, 100)
}

// opensslDigest takes the plain digest of the file, on one core.
func opensslDigest(b *testing.B, file string) *contestant {
	b.Helper()
	openssl, ok := peer(b, "openssl")
	if !ok {
		return nil
	}
	return &contestant{name: "openssl dgst -sha256", ready: func(int) *exec.Cmd {
		return exec.Command(openssl, "dgst", "-sha256", file)
	}}
}

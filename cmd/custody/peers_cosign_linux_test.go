package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// cosignKeys makes a key pair and returns how to run cosign in its folder,
// without any service.
func cosignKeys(b *testing.B) (run func(args ...string) *exec.Cmd, ok bool) {
	b.Helper()
	cosign, ok := peer(b, "cosign")
	if !ok {
		return nil, false
	}
	dir := b.TempDir()
	run = func(args ...string) *exec.Cmd {
		cmd := exec.Command(cosign, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "COSIGN_PASSWORD=benchmark")
		return cmd
	}
	must(b, run("generate-key-pair"))
	return run, true
}

func signBlob(run func(...string) *exec.Cmd, file string) *exec.Cmd {
	return run("sign-blob", "--key", "cosign.key", "--tlog-upload=false", "--use-signing-config=false",
		"--bundle", "bundle.json", "--yes", file)
}

// cosignSign signs the file's digest; nothing is encrypted or stored.
func cosignSign(b *testing.B, file string) *contestant {
	b.Helper()
	run, ok := cosignKeys(b)
	if !ok {
		return nil
	}
	return &contestant{name: "cosign sign-blob", ready: func(int) *exec.Cmd { return signBlob(run, file) }}
}

// cosignVerify checks the signature over the file's digest.
func cosignVerify(b *testing.B, file string) *contestant {
	b.Helper()
	run, ok := cosignKeys(b)
	if !ok {
		return nil
	}
	file, err := filepath.Abs(file)
	if err != nil {
		b.Fatal(err)
	}
	must(b, signBlob(run, file))
	return &contestant{name: "cosign verify-blob", ready: func(int) *exec.Cmd {
		return run("verify-blob", "--key", "cosign.pub", "--insecure-ignore-tlog=true", "--bundle", "bundle.json", file)
	}}
}

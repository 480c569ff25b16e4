package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
	"example.org/custody/ledger/anchor"
)

// certificate reads a file with one certificate and returns its DER.
func certificate(flag, file string) ([]byte, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	block, rest := pem.Decode(b)
	if block == nil || block.Type != "CERTIFICATE" || len(bytes.TrimSpace(rest)) > 0 {
		return nil, ui.Usage("openssl x509 -in "+ui.Clean(file)+" prints one certificate as PEM", "--%s: %s is not one certificate in PEM", flag, file)
	}
	if _, err := x509.ParseCertificate(block.Bytes); err != nil {
		return nil, ui.Usage("", "--%s: %s: %v", flag, file, err)
	}
	return block.Bytes, nil
}

// members returns the members that a flag names, in the place of those of the same MSP
// that were there, and the others as they were.
func members(were []anchor.Member, flag string, c *cli.Context) ([]anchor.Member, error) {
	named := map[string]*anchor.Member{}
	for _, text := range c.StringSlice(flag) {
		msp, file, ok := strings.Cut(text, "=")
		if !ok {
			return nil, ui.Usage("--"+flag+" AA=authority.pem", "--%s: %q has no =", flag, text)
		}
		der, err := certificate(flag, file)
		if err != nil {
			return nil, err
		}
		if named[msp] == nil {
			named[msp] = &anchor.Member{MSP: msp}
		}
		named[msp].Authorities = append(named[msp].Authorities, der)
	}
	all := slices.DeleteFunc(were, func(m anchor.Member) bool { return named[m.MSP] != nil })
	for _, m := range named {
		all = append(all, *m)
	}
	slices.SortFunc(all, func(a, b anchor.Member) int { return strings.Compare(a.MSP, b.MSP) })
	return all, nil
}

// consenters does the same with the orderers that sign under a number.
func consenters(were []anchor.Consenter, c *cli.Context) ([]anchor.Consenter, error) {
	all := were
	for _, text := range c.StringSlice("consenter") {
		parts := strings.SplitN(text, "=", 3)
		if len(parts) != 3 {
			return nil, ui.Usage("--consenter 1=ORD=orderer.pem", "--consenter: %q is not ID=MSP=FILE", text)
		}
		id, err := strconv.ParseUint(parts[0], 10, 32)
		if err != nil {
			return nil, ui.Usage("--consenter 1=ORD=orderer.pem", "--consenter: %q is no number of an orderer", parts[0])
		}
		der, err := certificate("consenter", parts[2])
		if err != nil {
			return nil, err
		}
		all = slices.DeleteFunc(all, func(o anchor.Consenter) bool { return uint64(o.ID) == id })
		all = append(all, anchor.Consenter{Certificate: der, ID: uint32(id), MSP: parts[1]})
	}
	slices.SortFunc(all, func(a, b anchor.Consenter) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}

// revoked adds the certificates that no longer count.
func revoked(were []evidence.Hash, c *cli.Context) ([]evidence.Hash, error) {
	all := were
	for _, file := range c.StringSlice("revoked") {
		der, err := certificate("revoked", file)
		if err != nil {
			return nil, err
		}
		all = append(all, sha256.Sum256(der))
	}
	slices.SortFunc(all, func(a, b evidence.Hash) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(all), nil
}

package main

import (
	"bytes"
	"encoding/pem"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/signing/cms"
	"example.org/custody/signing/tsa"
)

// Problems of timestamps.
const (
	codeTSA         ui.Code = "E-TIMESTAMP"
	codeTSAUnlisted ui.Code = "E-TIMESTAMP-UNLISTED"
)

var _ = ui.Register(
	ui.Entry{Code: codeTSA, Title: "No timestamp",
		Means: "no package was written; without a timestamp the time of packing would be this desk's word alone",
		Do:    []string{"try again later, or ask another timestamp authority", "custody doctor --tsa URL says what is wrong", "without --tsa the verdict says that the time is claimed"},
		For:   []error{tsa.ErrUnavailable, tsa.ErrClock, cms.ErrRefused, cms.ErrForm, cms.ErrAlgorithm, cms.ErrContent}},
	ui.Entry{Code: codeTSAUnlisted, Title: "A timestamp authority that does not count",
		Means: "no package was written; a court would not count this authority's timestamps",
		Do:    []string{"custody trust show lists the timestamp authorities", "custody trust propose --tsa STATE=FILE adds one, when the states agree"},
		For:   []error{desk.ErrTimeUnlisted}},
)

// tsaFlag names a timestamp authority.
func tsaFlag(usage string) cli.Flag { return &cli.StringFlag{Name: "tsa", Usage: usage} }

// stamper asks the timestamp authority that was named; nil for none.
func stamper(c *cli.Context) (desk.Stamper, error) {
	address := c.String("tsa")
	if address == "" {
		return nil, nil
	}
	if err := tsa.CheckURL(address); err != nil {
		return nil, ui.Usage("write it like https://time.aa.example/tsr", "--tsa: %v", err)
	}
	return tsa.Client{URL: address, Now: now}, nil
}

// readTSAs reads STATE=FILE, a certificate in PEM or DER.
func readTSAs(all []string) ([]trustlist.TSA, error) {
	var list []trustlist.TSA
	for _, s := range all {
		state, der, err := certificateOf("tsa", s)
		if err != nil {
			return nil, err
		}
		list = append(list, trustlist.TSA{State: state, Cert: der})
	}
	return list, nil
}

// certificateOf reads STATE=FILE: a state and a certificate, which becomes DER.
func certificateOf(flag, text string) (state string, der []byte, err error) {
	state, file, err := assignment(flag, text)
	if err != nil {
		return "", nil, err
	}
	b, err := readEach([]string{file})
	if err != nil {
		return "", nil, err
	}
	if block, _ := pem.Decode(b[0]); block != nil && block.Type == "CERTIFICATE" {
		return state, bytes.Clone(block.Bytes), nil
	}
	return state, b[0], nil
}

package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/ui"
	courtreport "example.org/custody/verify/report"
)

// langFlag chooses the language of a report.
func langFlag() cli.Flag {
	return &cli.StringFlag{Name: "lang", DefaultText: "en", Usage: "write the answer and the page in this language, a `CODE` of " + strings.Join(courtreport.Codes(), ", ")}
}

// checkLang refuses a language that no report is written in: a court would get
// another one than it asked for.
func checkLang(tag, file string) error {
	if tag == "" {
		return nil
	}
	primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if l, ok := courtreport.Catalogue(primary); ok {
		if l.Direction == "rtl" && strings.HasSuffix(file, ".pdf") {
			return ui.Usage("give a name that ends in .html, and print that page", "%s is written from right to left, which a PDF does not do", l.Name)
		}
		return nil
	}
	return ui.Usage("choose one of "+strings.Join(courtreport.Codes(), ", "), "--lang %q is not a language that reports are written in", tag)
}

package main

import (
	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence/mla"
	"example.org/custody/evidence/mla/clock"
)

// Problems of requests.
const (
	codeNoRequest         ui.Code = "E-NO-REQUEST"
	codeRequestIncomplete ui.Code = "E-REQUEST-INCOMPLETE"
	codeRequestStep       ui.Code = "E-REQUEST-STEP"
	codeRequestRecord     ui.Code = "E-REQUEST-RECORD"
	codeInstrument        ui.Code = "E-INSTRUMENT"
	codePlace             ui.Code = "E-PLACE"
)

var _ = ui.Register(
	ui.Entry{Code: codeNoRequest, Class: ui.ErrUsage, Title: "The item is no request", For: []error{desk.ErrNoRequest},
		Means: "nothing was signed; steps are taken of requests alone",
		Do:    []string{"custody request clocks --all lists requests with their deadlines", "custody request new drafts one"}},
	ui.Entry{Code: codeRequestIncomplete, Title: "The request is not complete", For: []error{mla.ErrIncomplete},
		Means: "nothing was signed; the other state would send it back, and time would be lost",
		Do:    []string{"fill in the fields that are named", "custody request new --instrument ID --form-id FORM --template says what each field asks for"}},
	ui.Entry{Code: codeRequestStep, Title: "The request cannot take this step", For: []error{mla.ErrStep},
		Means: "nothing was signed; the request stands where it stood",
		Do:    []string{"give the field that is named: --field NAME=VALUE", "a draft that is complete is made ready by custody request check", "custody help formats request has every step, and what each has to say"}},
	ui.Entry{Code: codeRequestRecord, Title: "A request cannot be read", For: []error{desk.ErrRequestRecord, clock.ErrRun},
		Means: "what is due there, and where it stands, is not known here; the others are shown",
		Do:    []string{"ask the desk that made it which program it used", "custody show ITEM"}},
	ui.Entry{Code: codeInstrument, Class: ui.ErrUsage, Title: "No such instrument, form or measure", For: []error{mla.ErrUnknown},
		Means: "nothing was signed; a request rests on law that both desks can look up",
		Do:    []string{"custody request which --from DE --to FR --measure hearing", "a request that pins another version of an instrument is read by the program that has it"}},
	ui.Entry{Code: codePlace, Class: ui.ErrUsage, Title: "The time zone is not known", For: []error{clock.ErrZone},
		Means: "nothing was signed; without the zone nobody can say when something is due",
		Do:    []string{"a state is a code of two letters, as FR", "--zone ZONE, one of that state's"}},
)

// requestVerb is `custody request`.
func requestVerb(t *tool) *cli.Command {
	v := &cli.Command{
		Name: "request", Category: groupAgreed,
		Usage: "what authorities ask of each other: requests with their steps and deadlines, match",
		Description: "A request for mutual legal assistance, or an order to a provider, rests on an instrument; custody request which proposes one. What an instrument asks for is data, with its source.\n\n" +
			"A request is an item: new drafts it, check says what its form still wants, and from there it goes on step by step, each an event with its guards. clocks says what is due.\n\n" +
			"Whether another authority holds something about the same person is asked without telling whom: custody request match.",
		Subcommands: []*cli.Command{requestWhich(t), requestNew(t), requestCheck(t), requestPrint(t)},
	}
	for _, one := range stepVerbs {
		v.Subcommands = append(v.Subcommands, requestStep(t, one))
	}
	v.Subcommands = append(v.Subcommands, requestTell(t), requestClocks(t), requestLimits(t), requestConsent(t), requestMatch(t))
	return v
}

package main

import (
	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/cosigner"
	"example.org/custody/cmd/internal/desk/nodehome"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/ledger"
	"example.org/custody/ledger/access"
	"example.org/custody/ledger/node/bodies"
	"example.org/custody/signing/keyfile"
)

// What can keep a node from starting. None of it touches what the ledger holds.
var _ = ui.Register(
	ui.Entry{Code: "E-NO-HOME", Title: "No desk here", For: []error{desk.ErrNoHome},
		Means: "there is no desk in that folder, so there is no ledger to serve",
		Do:    []string{"--home FOLDER, or set CUSTODY_HOME", "custody init makes a desk"}},
	ui.Entry{Code: "E-HOME-IN-USE", Title: "A desk is at work on the ledger", For: []error{desk.ErrHomeInUse},
		Means: "another ledger is taking the place of this home's; nothing is served until that is done",
		Do:    []string{"wait until the desk's command has ended, and start the node again"}},
	ui.Entry{Code: "E-HOME-VERSION", Title: "Home of another version", For: []error{desk.ErrHomeVersion},
		Means: "nothing was read or changed",
		Do:    []string{"use the version of custodyd that goes with the desk's custody"}},
	ui.Entry{Code: "E-HOME-DAMAGED", Title: "Home half written or damaged", For: []error{desk.ErrHomeDamaged, cosigner.ErrDamaged, nodehome.ErrFinal},
		Means: "nothing is served, so that nothing wrong is signed",
		Do:    []string{"custody doctor"}},
	ui.Entry{Code: "E-SERVED", Title: "Served already", For: []error{cosigner.ErrServed},
		Means: "another node has this home's cosigners; this one was not begun",
		Do:    []string{"stop the other one first"}},
	ui.Entry{Code: "E-LEDGER-IN-USE", Title: "Ledger in use", For: []error{ledger.ErrInUse},
		Means: "a desk, or another node, has the ledger open; two would write two histories, so this node was not begun",
		Do:    []string{"end the other one first"}},
	ui.Entry{Code: "E-NODE-MADE", Title: "Node made already", For: []error{nodehome.ErrMade},
		Means: "nothing was changed",
		Do:    []string{"custodyd serve --home FOLDER"}},
	ui.Entry{Code: "E-NODE-DAMAGED", Title: "Node half made or damaged", For: []error{nodehome.ErrDamaged, bodies.ErrDamaged},
		Means: "nothing is served; what is in the ledger is untouched",
		Do:    []string{"keep the folder node as it is, and restore it from where the operator keeps copies"}},
	ui.Entry{Code: "E-ACCESS-LOG", Class: ui.ErrNotAuthentic, Title: "Access log changed or cut", For: []error{access.ErrLine, access.ErrChain, access.ErrTrimmed},
		Means: "who looked at what is not shown by this file any more; evidence and ledger are untouched",
		Do:    []string{"keep it as it is, tell the authority, and look for an unchanged copy"}},
	ui.Entry{Code: "E-RESTORED", Title: "Restored, and not confirmed yet", For: []error{nodehome.ErrRestored},
		Means: "the ledger may have gone on after the backup; writing to it would give it two histories, so the node was not begun",
		Do:    []string{"reach the other states' cosigners and start it again", "if they have seen more, find the newer copy of the ledger and use that one"}},
	ui.Entry{Code: "E-PASSPHRASE", Title: "Wrong passphrase", For: []error{keyfile.ErrPassphrase},
		Means: "nothing was changed",
		Do:    []string{"try again"}},
)

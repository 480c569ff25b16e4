package main

import (
	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
)

// What can keep a node from starting. None of it touches what the ledger holds.
var _ = ui.Register(
	ui.Entry{Code: "E-NO-HOME", Title: "No desk here", For: []error{desk.ErrNoHome},
		Means: "there is no desk in that folder, so there is no ledger to serve",
		Do:    []string{"--home FOLDER, or set CUSTODY_HOME", "custody init makes a desk"}},
	ui.Entry{Code: "E-HOME-VERSION", Title: "Home of another version", For: []error{desk.ErrHomeVersion},
		Means: "nothing was read or changed",
		Do:    []string{"use the version of custodyd that goes with the desk's custody"}},
	ui.Entry{Code: "E-HOME-DAMAGED", Title: "Home half written or damaged", For: []error{desk.ErrHomeDamaged},
		Means: "nothing is served, so that nothing wrong is signed",
		Do:    []string{"custody doctor"}},
	ui.Entry{Code: "E-SERVED", Title: "Served already", For: []error{desk.ErrServed},
		Means: "another node has this home's cosigners; this one was not begun",
		Do:    []string{"stop the other one first"}},
)

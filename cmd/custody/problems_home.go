package main

import (
	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/evidence/vault"
	"example.org/custody/ledger"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/tesseralog"
	"example.org/custody/ledger/writer"
	"example.org/custody/signing/keyfile"
)

// Codes about a desk's folder and keys.
const (
	codeNoHome       ui.Code = "E-NO-HOME"
	codeHomeExists   ui.Code = "E-HOME-EXISTS"
	codeHomeVersion  ui.Code = "E-HOME-VERSION"
	codeHomeDamaged  ui.Code = "E-HOME-DAMAGED"
	codeHomeInUse    ui.Code = "E-HOME-IN-USE"
	codeNoLedger     ui.Code = "E-NO-LEDGER"
	codeLedgerBehind ui.Code = "E-LEDGER-BEHIND"
	codePending      ui.Code = "E-PENDING"
	codePassphrase   ui.Code = "E-PASSPHRASE"
	codeWeak         ui.Code = "E-WEAK-PASSPHRASE"
	codeKeyDamaged   ui.Code = "E-KEY-DAMAGED"
	codeOfficer      ui.Code = "E-OFFICER"
	codeOfficerName  ui.Code = "E-OFFICER-NAME"
	codeRevoked      ui.Code = "E-REVOKED"
	codeLastOfficer  ui.Code = "E-LAST-OFFICER"
	codeRecovery     ui.Code = "E-RECOVERY"
	codeState        ui.Code = "E-STATE"
	codeCard         ui.Code = "E-CARD"
	codeNotDurable   ui.Code = "E-NOT-DURABLE"
)

var _ = ui.Register(
	ui.Entry{Code: codeNoHome, Title: "No desk here", For: []error{desk.ErrNoHome},
		Means: "there is no desk in that folder, so there is no evidence in it either",
		Do:    []string{"--home FOLDER, or set CUSTODY_HOME", "custody init makes a desk"}},
	ui.Entry{Code: codeHomeExists, Title: "A desk is here already", For: []error{desk.ErrHomeExists},
		Means: "the desk that is there was left as it is",
		Do:    []string{"--home FOLDER with a folder that is new or empty"}},
	ui.Entry{Code: codeHomeVersion, Title: "Home of another version", For: []error{desk.ErrHomeVersion, tesseralog.ErrVersion},
		Means: "nothing was read or changed; the evidence is as the program that made it left it",
		Do:    []string{"use the version of custody that made the desk, or a later one", "custody version"}},
	ui.Entry{Code: codeHomeDamaged, Title: "Home half written or damaged",
		For: []error{desk.ErrHomeDamaged, desk.ErrBody, tesseralog.ErrHalf, tesseralog.ErrDamaged, tesseralog.ErrNone, tesseralog.ErrOrigin,
			store.ErrNotStore, store.ErrHalfMade, vault.ErrNotVault, vault.ErrHalfMade, vault.ErrDamaged, vault.ErrIdentity},
		Means: "the tool does not work on it, so that nothing gets worse; what was acknowledged may still be whole",
		Do:    []string{"custody doctor", "custody restore from a backup into a new folder", "if init was interrupted and nothing was sealed: remove the folder and run it again"},
		About: "A desk is whole when custody.json, keys, ledger, store and vault are all there. An init that was interrupted leaves a folder without an officer: nothing was sealed in it, and it may be removed."},
	ui.Entry{Code: codeHomeInUse, Title: "The desk is in use", For: []error{desk.ErrHomeInUse, durable.ErrInUse, ledger.ErrInUse},
		Means: "another process works on the desk; nothing was begun here",
		Do:    []string{"wait until it is done and run the same command again"},
		About: "One process at a time works on a desk. The lock ends with the process, so nothing has to be removed by hand."},
	ui.Entry{Code: codeNoLedger, Title: "No embedded ledger on this system", For: []error{tesseralog.ErrUnavailable},
		Means: "nothing was signed or logged; looking and verifying work as everywhere",
		Do:    []string{"run the desk on Linux, macOS or BSD"}},
	ui.Entry{Code: codeLedgerBehind, Title: "The ledger must not go on", For: []error{ledger.ErrFatal, writer.ErrReadOnly, writer.ErrBehind, closed.ErrAhead},
		Means: "the ledger here is not what was seen of it before, as after restoring an old backup; going on could fork it, so nothing is logged",
		Do:    []string{"custody doctor", "keep the folder as it is and tell the states that witness this ledger"}},
	ui.Entry{Code: codePending, Title: "Logged, receipt not complete", For: []error{writer.ErrQuorum, writer.ErrNotLogged, desk.ErrNoCosigner},
		Means: "what is logged stays; until other states have cosigned, its receipt does not meet the policy",
		Do:    []string{"run any command of the desk later: it asks the cosigners again", "custody doctor"}},
	ui.Entry{Code: codePassphrase, Title: "Wrong passphrase", For: []error{keyfile.ErrPassphrase},
		Means: "the key stays locked; nothing was signed, opened or changed",
		Do:    []string{"try again; mind the keyboard's layout", "custody key recover OFFICER, with the recovery identity"}},
	ui.Entry{Code: codeWeak, Title: "Passphrase too weak", For: []error{keyfile.ErrWeak},
		Means: "no key was made or changed",
		Do:    []string{"choose 12 characters or more, 5 of them different", "take the one that the tool offers"}},
	ui.Entry{Code: codeKeyDamaged, Title: "Key file damaged", For: []error{keyfile.ErrDamaged, keyfile.ErrIdentity, desk.ErrNoAuthority},
		Means: "the key in it cannot be used; the evidence is not touched",
		Do:    []string{"custody restore from a backup into a new folder", "custody key recover OFFICER, with the recovery identity"}},
	ui.Entry{Code: codeOfficer, Title: "Which officer?", For: []error{desk.ErrNoOfficer, desk.ErrWhichKey, desk.ErrNotEnrolled, desk.ErrNoAct},
		Means: "nothing was signed",
		Do:    []string{"--as OFFICER, or set CUSTODY_OFFICER", "custody key list"}},
	ui.Entry{Code: codeOfficerName, Title: "Not a new officer's name", For: []error{desk.ErrAlias, desk.ErrOfficerExists, desk.ErrRole},
		Means: "no key was made",
		Do:    []string{"choose another name", "custody key list"}},
	ui.Entry{Code: codeRevoked, Title: "The key is revoked", For: []error{desk.ErrRevoked},
		Means: "what it would sign does not count, so it signs nothing; what it signed before stays good",
		Do:    []string{"act with another key: custody key list"}},
	ui.Entry{Code: codeLastOfficer, Title: "The last officer", For: []error{desk.ErrLastOfficer},
		Means: "nobody could open the desk any more, so the key was not revoked",
		Do:    []string{"custody key new OFFICER, then revoke"}},
	ui.Entry{Code: codeRecovery, Title: "Recovery is not possible so", For: []error{keyfile.ErrRecovery, desk.ErrNoRecovery, desk.ErrOtherRecovery},
		Means: "nothing was opened or changed",
		Do:    []string{"compare what was typed with the sheet, row by row", "use the identity that the init of this desk handed out"}},
	ui.Entry{Code: codeState, Class: ui.ErrUsage, Title: "Not a state", For: []error{desk.ErrState, evidence.ErrNotOrigin},
		Means: "nothing was made", Do: []string{"--state with 2 to 8 letters A–Z, as AA", "--origin without spaces and '+'"}},
	ui.Entry{Code: codeCard, Title: "Not a card", For: []error{keyfile.ErrCard},
		Means: "nothing was signed; whose key it would be is not known",
		Do:    []string{"ask the receiver for the file again: custody key card OFFICER", "copy it as a file, not as text"}},
	ui.Entry{Code: codeNotDurable, Title: "Not known to be durable", For: []error{keyfile.ErrNotDurable},
		Means: "it is written, but the system could not confirm that it would survive a loss of power",
		Do:    []string{"check the disk, then run custody doctor"}},
)

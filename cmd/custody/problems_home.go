package main

import (
	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/cosigner"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/evidence/vault"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
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
	codeRestored     ui.Code = "E-RESTORED"
	codePending      ui.Code = "E-PENDING"
	codeWaits        ui.Code = "E-WAITS"
	codeNoneOwn      ui.Code = "E-NO-OWN-LEDGER"
	codeNodeLies     ui.Code = "E-NODE-LIES"
	codeNodeAddress  ui.Code = "E-NODE-ADDRESS"
	codeNoDaemon     ui.Code = "E-NO-NODE-PROGRAM"
	codeNoLoopback   ui.Code = "E-NO-LOOPBACK"
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
		For: []error{desk.ErrHomeDamaged, cosigner.ErrDamaged, desk.ErrBody, tesseralog.ErrHalf, tesseralog.ErrDamaged, tesseralog.ErrNone, tesseralog.ErrOrigin,
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
		Do:    []string{"custody doctor", "find out which copy of this desk went on, and use that one", "keep the folder as it is and tell the states that witness this ledger"},
		About: "Looking works: list, show, history, label, doctor, backup. custody pack does not, because a package of this copy would leave out what was logged after it was made. A ledger that is lost for good is ended by the states' next trust list: custody help trust."},
	ui.Entry{Code: codeRestored, Title: "A restored desk, and nobody was asked", For: []error{desk.ErrRestored},
		Means: "acts that were logged after the backup would get a second history, so nothing is signed before enough other states say that there are none",
		Do:    []string{"reach the other states' cosigners and run the same command again", "custody trust cosigners NEW names them anew", "custody doctor"},
		About: "A backup is older than the desk it was made of. Other states that cosign the ledger know how far it went: before the first act, as many of them as a receipt needs must cosign it as it was restored. Until then the desk can be looked at."},
	ui.Entry{Code: codePending, Title: "Logged, receipt not complete", For: []error{writer.ErrQuorum, writer.ErrNotLogged, cosigner.ErrAbsent},
		Means: "what is logged stays; until other states have cosigned, its receipt does not meet the policy",
		Do:    []string{"run any command of the desk later: it asks the cosigners again", "custody doctor"}},
	ui.Entry{Code: codeNoneOwn, Title: "No ledger of its own", For: []error{desk.ErrNoLedger},
		Means: "nothing was done: this desk logs at its state's node, and has neither a ledger nor a signature under trust lists",
		Do:    []string{"do it at the state's first desk, in whose home the node keeps the ledger", "leave out --node and CUSTODY_NODE, so that the desk goes to the node that it knows"}},
	ui.Entry{Code: codeWaits, Title: "The node has not taken it", For: []error{desk.ErrWaits, desk.ErrListNotLogged, client.ErrUnreachable},
		Means: "what was signed is kept and counts for nobody else until it is in the ledger; it is submitted in its order, never signed again",
		Do:    []string{"reach the node again; any command of the desk then submits what waits", "custody list --waiting", "custody doctor"},
		About: "What waits is never taken back: the node may have it already, or get it yet from whoever has its bytes, and without what is kept here nobody could go on with the item then. If it says something wrong, let it be logged, and say so with custody correct; an offer is withdrawn. It ends when the ledger refuses it, or has ended without it: then it is shown with the item's next correct."},
	ui.Entry{Code: codeNodeLies, Title: "The node's answer is not true", For: []error{desk.ErrNodeLies},
		Means: "nothing of the answer was believed; what was signed is kept and waits",
		Do:    []string{"keep the folder seen of the desk, where the answer or the alarm is", "custody audit the ledger, and tell the states that witness it"},
		About: "A node is believed with its proof alone. A receipt must be that of the leaf under the ledger's key; a refusal must show the leaf that was first; a checkpoint must not contradict those seen before."},
	ui.Entry{Code: codeNodeAddress, Class: ui.ErrUsage, Title: "Not the address of a node", For: []error{client.ErrAddress},
		Means: "nothing was done", Do: []string{"https://… with the host's name, or http:// on this machine"}},
	ui.Entry{Code: codeNoDaemon, Title: "No program for the nodes", For: []error{desk.ErrNoDaemon, desk.ErrDaemon},
		Means: "no tour was made; nothing but a tour starts nodes by itself",
		Do:    []string{"put custodyd into the folder where custody is; make build makes both", "custodyd serve --help"}},
	ui.Entry{Code: codeNoLoopback, Title: "No loopback", For: []error{desk.ErrNoLoopback},
		Means: "no tour was made: its nodes are programs that meet on this machine; verifying needs no network at all",
		Do:    []string{"bring up the loopback interface: ip link set lo up"}},
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

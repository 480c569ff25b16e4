package main

import (
	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/desk/copies"
	"example.org/custody/cmd/internal/desk/input"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence"
	"example.org/custody/evidence/vault"
)

// Codes about acts on items.
const (
	codeNoItem       ui.Code = "E-NO-ITEM"
	codeNoCase       ui.Code = "E-NO-CASE"
	codeNoneLeft     ui.Code = "E-NONE-LEFT"
	codeWhichItem    ui.Code = "E-WHICH-ITEM"
	codeEnded        ui.Code = "E-ENDED"
	codeNotHere      ui.Code = "E-NOT-HERE"
	codeKeyLost      ui.Code = "E-KEY-LOST"
	codeMissed       ui.Code = "E-MISSED"
	codeNotOffered   ui.Code = "E-NOT-OFFERED"
	codeRefused      ui.Code = "E-REFUSED"
	codePartly       ui.Code = "E-PARTLY"
	codeSealClosed   ui.Code = "E-SEAL-CLOSED"
	codeAgain        ui.Code = "E-SEALED-BEFORE"
	codeNothing      ui.Code = "E-NOTHING"
	codeOwnHome      ui.Code = "E-OWN-HOME"
	codeTooMany      ui.Code = "E-TOO-MANY-FILES"
	codeSameName     ui.Code = "E-SAME-NAME"
	codeMismatch     ui.Code = "E-MISMATCH"
	codeSealsUnsaid  ui.Code = "E-SEALS-NOT-COMPARED"
	codeHistory      ui.Code = "E-HISTORY"
	codeReceiver     ui.Code = "E-RECEIVER"
	codeHandoffDir   ui.Code = "E-HANDOFF-FOLDER"
	codeHandoffFile  ui.Code = "E-HANDOFF-FILE"
	codeNotForUs     ui.Code = "E-NOT-FOR-US"
	codeUntrusted    ui.Code = "E-UNTRUSTED"
	codeAnswer       ui.Code = "E-ANSWER"
	codeAnswerLost   ui.Code = "E-ANSWER-LOST"
	codeErase        ui.Code = "E-ERASE"
	codeErased       ui.Code = "E-ERASED"
	codeErasedEvents ui.Code = "E-ERASED-EVENTS"
	codeRecord       ui.Code = "E-RECORD"
)

var _ = ui.Register(
	ui.Entry{Code: codeNoItem, Title: "No such item", For: []error{desk.ErrNoItem, copies.ErrNoItem},
		Means: "nothing was done; this desk knows no item by that name",
		Do:    []string{"custody list", "name it by the beginning of its id, its exhibit number, or the text of its label"}},
	ui.Entry{Code: codeNoCase, Title: "No item in that case", For: []error{desk.ErrNoCase},
		Means: "nothing was done; no record of this desk names that proceeding",
		Do:    []string{"custody list shows items with their cases", "custody correct ITEM --set case=REFERENCE --reason TEXT"}},
	ui.Entry{Code: codeNoneLeft, Title: "Nothing to do in that case",
		Means: "nothing was done; no item of the case can be acted on so",
		Do:    []string{"custody list --case REFERENCE"}},
	ui.Entry{Code: codeWhichItem, Title: "Several items fit", For: []error{desk.ErrWhichItem, copies.ErrWhichItem},
		Means: "nothing was done, because it is not clear to which item",
		Do:    []string{"give more digits of the id", "custody list"}},
	ui.Entry{Code: codeEnded, Title: "The item has ended", For: []error{desk.ErrEnded},
		Means: "it was returned or disposed of, or its key revoked; nothing can follow that",
		Do:    []string{"custody history ITEM", "what came back is sealed anew: custody seal --continues ITEM --second OFFICER"}},
	ui.Entry{Code: codeNotHere, Title: "The item goes on elsewhere", For: []error{desk.ErrNotHere},
		Means: "this desk handed it on and cannot act on it any more; that protects the new custodian",
		Do:    []string{"custody history ITEM says who holds it"}},
	ui.Entry{Code: codeKeyLost, Title: "The item's open seal has no key any more", For: []error{desk.ErrKeyLost},
		Means: "nothing was done; what was logged after the backup stays and is shown, and nobody can add to it",
		Do:    []string{"custody history ITEM", "go on with it as a new item that names this one: custody seal --continues ITEM --second OFFICER"},
		About: "Each act makes the key of the next seal and keeps it in the desk alone, so that nobody else can go on with the item. A backup is older than the acts after it, and their keys are gone with the disk. Back up often: the acts that can be lost so are those of one interval."},
	ui.Entry{Code: codeMissed, Title: "The desk lacks what was logged of the item after its backup", For: []error{desk.ErrMissed},
		Means: "nothing was done; what is logged stays in the ledger, and an act from here would go beside it",
		Do:    []string{"custody list says why, and asks the node again", "a handoff from the desk of an officer who signed since brings that officer's enrolment", "go on with it as a new item that names this one: custody seal --continues ITEM --second OFFICER"}},
	ui.Entry{Code: codeNotOffered, Title: "Not offered", For: []error{desk.ErrNotOffered},
		Means: "there is no open offer, so there is nothing to answer or withdraw",
		Do:    []string{"custody list --waiting", "custody history ITEM"}},
	ui.Entry{Code: codeRefused, Title: "Not allowed",
		Means: "nothing was signed; the item stays as it was",
		Do:    []string{"custody show ITEM", "custody help formats event lists who may do what"}},
	ui.Entry{Code: codePartly, Title: "Done in part",
		Means: "each item was decided alone: those listed as done are logged, the refused ones are as they were",
		Do:    []string{"look at the reasons in the list above", "run the command again for the refused items alone"}},
	ui.Entry{Code: codeSealClosed, Title: "Another act was logged first",
		Means: "the item's seal was closed by another act, which stands; this one does not count and is kept to be shown",
		Do:    []string{"custody history ITEM", "custody correct ITEM shows the refused act with the history"}},
	ui.Entry{Code: codeAgain, Title: "Sealed here before", For: []error{desk.ErrAgain},
		Means: "nothing was sealed: all of its content is in custody at this desk already, and a second sealing needs a reason on record",
		Do:    []string{"custody list finds the item", "--again REASON seals it a second time"}},
	ui.Entry{Code: codeNothing, Title: "Nothing to seal", For: []error{desk.ErrNothing},
		Means: "nothing was signed", Do: []string{"name files or folders, or give --object TEXT"}},
	ui.Entry{Code: codeOwnHome, Title: "The desk itself", For: []error{desk.ErrOwnHome},
		Means: "nothing was sealed: the folder holds the desk's keys and store, or lies in them",
		Do:    []string{"name the folder of the evidence", "custody backup saves a desk"}},
	ui.Entry{Code: codeTooMany, Title: "Too many files for one item", For: []error{desk.ErrTooManyFiles},
		Means: "nothing was read or sealed",
		Do:    []string{"seal its folders one by one, each as an item of the same --case", "seal an archive or image of it as one file"}},
	ui.Entry{Code: codeSameName, Class: ui.ErrUsage, Title: "Two paths with one name", For: []error{evidence.ErrSameName},
		Means: "nothing was sealed: both would have the same place in the record",
		Do:    []string{"seal the folder that holds them", "seal them one by one"}},
	ui.Entry{Code: codeMismatch, Title: "Not what was sealed", For: []error{desk.ErrMismatch, evidence.ErrDigest},
		Means: "stored bytes differ from the digests in the record; nothing was signed for this item",
		Do:    []string{"keep everything as it is and inform the giver", "custody decline, with the reason", "custody examine --check records which files differ"}},
	ui.Entry{Code: codeSealsUnsaid, Title: "Physical seals not compared", For: []error{desk.ErrSealsUnsaid},
		Means: "nothing was signed for this item: an accept that is silent on its seals would be a gap in custody",
		Do:    []string{"compare the numbers on the bag: custody show ITEM", "--seals-match when they are the recorded ones, --seal-found NUMBER when not"}},
	ui.Entry{Code: codeHistory, Title: "The history does not hold together",
		Means: "what the desk has of the item is no chain of seals; nothing was done",
		Do:    []string{"custody doctor", "keep the home as it is"}},
	ui.Entry{Code: codeReceiver, Title: "Which receiver?", For: []error{desk.ErrNoRecipient},
		Means: "nothing was offered; custody stays where it is",
		Do:    []string{"--to OFFICER of this desk, or the card file that the other desk made with custody key card"}},
	ui.Entry{Code: codeHandoffDir, Class: ui.ErrUsage, Title: "A folder for the handoff", For: []error{desk.ErrNoDir, desk.ErrHandoffDir},
		Means: "nothing was offered; custody stays where it is",
		Do:    []string{"--out FOLDER with a folder that is new"}},
	ui.Entry{Code: codeHandoffFile, Title: "Not a handoff file", For: []error{desk.ErrHandoffFile, input.ErrNotFile},
		Means: "nothing was taken from it and nothing was signed",
		Do:    []string{"fetch the file again, byte for byte", "custody inspect FILE"}},
	ui.Entry{Code: codeNotForUs, Title: "Encrypted to another desk", For: []error{desk.ErrNotForUs},
		Means: "this desk cannot read it, and nobody else on the way could",
		Do:    []string{"check --home", "ask the sender to offer to a card of this desk: custody key card OFFICER"}},
	ui.Entry{Code: codeUntrusted, Class: ui.ErrNotAuthentic, Title: "What came with it does not hold", For: []error{desk.ErrUntrusted},
		Means: "a proof in it contradicts the pinned trust list, so nothing of it was taken over",
		Do:    []string{"keep the file as it is", "ask the sender, by another way, for the digest of what was sent"}},
	ui.Entry{Code: codeAnswer, Title: "The answer does not fit", For: []error{desk.ErrAnswer, desk.ErrNoAnswer, desk.ErrAnswered},
		Means: "nothing was logged or taken over; custody is where it was",
		Do:    []string{"custody history ITEM", "ask the other desk which file comes next"}},
	ui.Entry{Code: codeAnswerLost, Title: "The giver's ledger did not take the answer",
		Means: "the giver says so and custody has not passed; the answer is kept, never signed again, and counts if a receipt shows it logged",
		Do:    []string{"ask the giver, by another way, whether that is so", "return what was handed over, or ask for a new offer"}},
	ui.Entry{Code: codeErase, Title: "Cannot be erased so", For: []error{desk.ErrNoEvent, desk.ErrErasedNow, desk.ErrKeepsErasure, desk.ErrNotLogged, desk.ErrElsewhere, desk.ErrEraseFiles},
		Means: "nothing was signed and nothing was erased",
		Do:    []string{"custody history ITEM lists the events"}},
	ui.Entry{Code: codeErasedEvents, Title: "Events were erased", For: []error{desk.ErrErasedEvents},
		Means: "nothing was offered or taken over; custody stays where it is",
		Do:    []string{"derive a new item from it and hand that over: custody derive", "custody pack shows the item to a court as it is"}},
	ui.Entry{Code: codeErased, Title: "Erased by order", For: []error{vault.ErrErased, vault.ErrNoKey, vault.ErrNotKept},
		Means: "the content was destroyed by order, or was never at this desk; its leaf in the ledger stays",
		Do:    []string{"custody history ITEM names the order"}},
	ui.Entry{Code: codeRecord, Class: ui.ErrUsage, Title: "Not a field of a record", For: []error{evidence.ErrRecord, evidence.ErrEvent},
		Means: "nothing was signed",
		Do:    []string{"names have a–z 0–9 . _ - / only; numbers are whole", "custody help formats record"}},
)

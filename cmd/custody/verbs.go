package main

import "github.com/urfave/cli/v2"

// verb makes a command of the tool. The tool is given first and asked when the
// command runs, after the global flags are known.
type verb func(*tool) *cli.Command

// verbs lists every verb. A verb is one file with one constructor, named here.
var verbs = []verb{
	acceptVerb,
	auditVerb,
	backupVerb,
	completeVerb,
	completionVerb,
	convertVerb,
	correctVerb,
	declineVerb,
	deriveVerb,
	discloseVerb,
	disposeVerb,
	doctorVerb,
	examineVerb,
	helpVerb,
	historyVerb,
	holdVerb,
	initVerb,
	inspectVerb,
	keyVerb,
	labelVerb,
	ledgerVerb,
	listVerb,
	manualVerb,
	offerVerb,
	openVerb,
	packVerb,
	releaseVerb,
	renewVerb,
	requestVerb,
	restoreVerb,
	returnVerb,
	sealVerb,
	showVerb,
	standardVerb,
	tourVerb,
	trustVerb,
	verifyVerb,
	versionVerb,
	withdrawVerb,
}

// The groups that `custody help` shows, in this order.
const (
	groupStart   = "Start here"
	groupCustody = "Take into custody and hand over"
	groupActs    = "Other acts on an item"
	groupLook    = "Look"
	groupProve   = "Package and verify"
	groupAgreed  = "Requests, trust, standards, keys"
	groupKeep    = "Keep for decades"
	groupTool    = "The tool itself"
)

var groups = []string{groupStart, groupCustody, groupActs, groupLook, groupProve, groupAgreed, groupKeep, groupTool}

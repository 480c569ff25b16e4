package main

import (
	"github.com/urfave/cli/v2"

	"example.org/custody/evidence/rules"
)

// otherWords maps words that people bring from elsewhere to the verb that this
// tool has for it.
var otherWords = map[string]string{
	"add": "seal", "collect": "seal", "ingest": "seal", "hash": "seal",
	"transfer": "offer", "send": "offer", "handoff": "offer", "receive": "accept", "refuse": "decline",
	"cancel": "withdraw", "copy": "derive", "redact": "disclose", "fix": "correct",
	"delete": "dispose", "erase": "dispose", "destroy": "dispose", "remove": "dispose",
	"log": "history", "timeline": "history", "ls": "list", "status": "show", "info": "inspect",
	"export": "pack", "bundle": "pack", "check": "verify", "validate": "verify",
	"extract": "open", "decrypt": "open", "unpack": "open", "demo": "tour", "setup": "init",
}

// nearestVerb returns the visible verb that word most likely means, or "".
func nearestVerb(level []*cli.Command, word string) string {
	if c := byName(level, otherWords[word]); c != nil {
		return c.Name
	}
	var names []string
	for _, c := range level {
		if !c.Hidden {
			names = append(names, c.Names()...)
		}
	}
	return rules.Nearest(names, word)
}

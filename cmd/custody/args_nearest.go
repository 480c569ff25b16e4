package main

import "github.com/urfave/cli/v2"

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
	return nearest(names, word)
}

// nearest returns the name that differs from word by the fewest typing errors,
// the first if several do, or "" if all differ by more than a third.
func nearest(names []string, word string) string {
	best, least := "", 1+max(len(word)/3, 1)
	for _, name := range names {
		if d := typos(name, word); d < least && d < len(name) {
			best, least = name, d
		}
	}
	return best
}

// typos counts the single insertions, deletions, replacements and swaps of
// neighbours that turn a into b (optimal string alignment distance).
func typos(a, b string) int {
	before, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(b)]
}

package arch

import (
	"slices"
	"strings"
	"testing"
)

const module = "example.org/custody"

// pureFloors are the floors 0 to 3: a verdict comes from them alone.
const pureFloors = 3

// floors says on which floor a package lives. A package imports lower floors
// only, and its own parent or child folder.
var floors = map[string]int{
	"cmd/courtroom":       6,
	"cmd/custody":         6,
	"cmd/custody-channel": 6,
	"cmd/custodyd":        6,

	"cmd/internal/desk":          5,
	"cmd/internal/desk/audit":    5,
	"cmd/internal/desk/cosigner": 5,
	"cmd/internal/desk/engine":   5,
	"cmd/internal/desk/inspect":  5,
	"cmd/internal/desk/nodehome": 5,
	"cmd/internal/ui":            5,
	"cmd/internal/ui/daemon":     5,
	"ledger/node":                5,
	"ledger/node/intake":         4,

	"cmd/internal/desk/backup":    4,
	"cmd/internal/desk/check":     4,
	"cmd/internal/desk/copies":    4,
	"cmd/internal/desk/desktest":  3,
	"cmd/internal/desk/input":     3,
	"cmd/internal/desk/label":     2,
	"cmd/internal/desk/matches":   4,
	"cmd/internal/desk/progress":  3,
	"cmd/internal/desk/standards": 3,
	"cmd/internal/desk/trustlist": 4,

	"ledger/client/wire": 3, // below its parent: the bytes alone, for both sides
	"ledger/tesseralog":  4,
	"ledger/trillianlog": 4,
	"ledger/client":      4,
	"ledger/feeder":      4,
	"evidence/store/s3":  4,
	"signing/tsa":        4,

	"verify":                    3,
	"verify/admit":              3,
	"verify/pack/caseuco":       3,
	"verify/pack/readers":       3,
	"verify/pack":               3,
	"verify/report":             3,
	"verify/standard":           3,
	"verify/report/certificate": 3,
	"verify/report/pdf":         3,
	"verify/report/phrase":      1, // sentences found again in the catalogue
	"verify/report/plain":       1, // safe and measured text, for every floor that shows any
	"evidence/vault":            3,
	"ledger/node/bodies":        3,
	"ledger/writer":             3,
	"ledger/crossanchor":        3,

	"ledger/channel":           4,
	"ledger/channel/chaincode": 4,
	"ledger/channel/contract":  3,
	"ledger/channel/guide":     0, // a page, which a program without Fabric prints

	"cmd/internal/desk/internal/foundings": 2,

	"ledger":         2,
	"ledger/access":  2,
	"ledger/anchor":  2,
	"ledger/batch":   2,
	"ledger/closed":  2,
	"ledger/tiles":   2,
	"ledger/witness": 2,
	"evidence/store": 2,

	"evidence":                      1,
	"evidence/asic":                 1,
	"evidence/intake":               1,
	"evidence/mla":                  1,
	"evidence/mla/clock":            1,
	"evidence/mla/inventory":        1,
	"evidence/mla/matching":         1,
	"evidence/mla/paper":            1,
	"evidence/rules":                1,
	"evidence/store/durable":        1, // below its parent, so that every floor writes files in one way
	"signing":                       1,
	"signing/cms":                   1,
	"signing/keyfile":               1,
	"signing/keyfile/internal/cost": 1,
	"signing/trust":                 1,

	"cmd/internal/arch": 0,
	"spec":              0,
}

// testSupport are packages that only tests import, and the floor of each. They
// may import their own floor and reach "testing"; no other package may.
var testSupport = map[string]int{
	"cmd/internal/ui/ptytest":         0,
	"evidence/servertest":             4,
	"evidence/store/s3/s3test":        4,
	"evidence/store/storetest":        2,
	"ledger/anchor/anchortest":        2,
	"ledger/channel/channeltest":      4,
	"ledger/ledgertest":               2,
	"ledger/trillianlog/trilliantest": 4,
	"signing/keyfile/keyfiletest":     1,
	"spec/spectest":                   1,
	"verify/verifytest":               3,
}

// siblings are the imports within one floor, beside parent and child, that are
// meant, each with the reason.
var siblings = map[[2]string]string{
	{"verify/report", "verify/pack"}:                   "a report shows what the dossier shows",
	{"verify/report/pdf", "verify/report/certificate"}: "a statement is set like a report",
	{"verify/report", "verify/standard"}:               "a report says a rule in its own language",
	{"ledger/anchor", "ledger/witness"}:                "an alarm on the channel is one of a witness",
	{"evidence/mla", "evidence/rules"}:                 "forms and guards are rules over fields",
	{"evidence/mla/clock", "evidence/rules"}:           "calendars are read as strictly as standards",
	{"evidence/mla/paper", "verify/report/plain"}:      "pages are made safe in one way",
	{"evidence/mla/paper", "evidence/rules"}:           "a form is a standard, and laid out field by field",
	{"ledger/witness", "ledger/closed"}:                "an auditor rebuilds the map before it signs",

	{"cmd/internal/desk/nodehome", "cmd/internal/desk/engine"}:   "a home's ledger is opened by whatever engine keeps it",
	{"cmd/internal/desk/nodehome", "ledger/node"}:                "a home is opened as what a node is made of",
	{"cmd/internal/desk/nodehome", "cmd/internal/desk/cosigner"}: "the cosigners may be folders on this machine",
}

// strangers are pairs of folders of which neither imports the other: an event
// does not know how it is signed, an envelope does not know what it carries.
var strangers = [][2]string{{"evidence", "signing"}}

// banned may not be reached, however indirectly, from the pure floors.
// "net" is not among them: crypto/x509 imports it.
var banned = []string{"net/http", "crypto/tls", "os/exec", "database/sql", "runtime/cgo"}

// systems are what the tool is built for; js/wasm is the judge's page, which
// takes the pure floors only.
var systems = []system{{"linux", "amd64"}, {"darwin", "arm64"}, {"windows", "amd64"}, {"js", "wasm"}}

// The floors of the table, on every system: the files that are built differ.
func TestFloors(t *testing.T) {
	for _, s := range systems {
		t.Run(s.os, func(t *testing.T) {
			for _, p := range list(t, s) {
				checkFloor(t, p)
				checkImports(t, p)
				checkReach(t, p)
			}
		})
	}
}

// A row of a table that nothing needs would hide what comes back later.
func TestFloorsHaveNoDeadRows(t *testing.T) {
	found, imports := map[string]bool{}, map[[2]string]bool{}
	for _, p := range list(t, systems[0]) {
		found[p.path()] = true
		for _, imported := range p.Imports {
			imports[[2]string{p.path(), strings.TrimPrefix(imported, module+"/")}] = true
		}
	}
	for pair := range siblings {
		if !imports[pair] {
			t.Errorf("the table lets %s import %s, which it does not", pair[0], pair[1])
		}
	}
	for _, table := range []map[string]int{floors, testSupport} {
		for path := range table {
			if !found[path] {
				t.Errorf("the table has %s, the tree does not", path)
			}
		}
	}
}

func checkFloor(t *testing.T, p listed) {
	t.Helper()
	if _, ok := floorOf(p.path()); !ok {
		t.Errorf("%s has no floor in cmd/internal/arch", p.path())
	}
	if p.Doc == "" {
		t.Errorf("%s has no package comment", p.path())
	}
	for _, err := range p.DepsErrors {
		t.Errorf("%s: %s", p.path(), err.Err)
	}
}

// checkImports looks at what a package names itself.
func checkImports(t *testing.T, p listed) {
	t.Helper()
	for _, imported := range p.Imports {
		other, ours := strings.CutPrefix(imported, module+"/")
		if !ours {
			continue
		}
		if !mayImport(p.path(), other) {
			mine, _ := floorOf(p.path())
			theirs, _ := floorOf(other)
			t.Errorf("%s (floor %d) imports %s (floor %d)", p.path(), mine, other, theirs)
		}
		if isSupport(other) && !isSupport(p.path()) {
			t.Errorf("%s imports %s, which is for tests", p.path(), other)
		}
		for _, pair := range strangers {
			if within(p.path(), pair[0]) && within(other, pair[1]) || within(p.path(), pair[1]) && within(other, pair[0]) {
				t.Errorf("%s imports %s: %s and %s do not know each other", p.path(), other, pair[0], pair[1])
			}
		}
	}
}

// mayImport says whether the floors let a package import another of ours.
func mayImport(path, other string) bool {
	mine, _ := floorOf(path)
	theirs, _ := floorOf(other)
	if mine != theirs {
		return mine > theirs
	}
	return related(path, other) || isSupport(path) || siblings[[2]string{path, other}] != ""
}

// checkReach looks at everything a package needs, however deep.
func checkReach(t *testing.T, p listed) {
	t.Helper()
	floor, _ := floorOf(p.path())
	if !isSupport(p.path()) && !slices.Contains(withSDK, p.path()) && slices.Contains(p.Deps, "testing") {
		t.Errorf("%s reaches testing", p.path())
	}
	if floor > pureFloors {
		return
	}
	for _, name := range banned {
		if slices.Contains(p.Deps, name) {
			t.Errorf("%s (floor %d) reaches %s", p.path(), floor, name)
		}
	}
}

func floorOf(path string) (floor int, ok bool) {
	if floor, ok = testSupport[path]; ok {
		return floor, ok
	}
	floor, ok = floors[path]
	return floor, ok
}

func isSupport(path string) bool { _, ok := testSupport[path]; return ok }

// related says whether one of the folders contains the other.
func related(a, b string) bool { return within(a, b) || within(b, a) }

// within says whether path is the folder or something in it.
func within(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, folder+"/")
}

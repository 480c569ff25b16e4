package desk

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"example.org/custody/cmd/internal/desk/copies"
	"example.org/custody/cmd/internal/desk/engine"
	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/evidence"
	"example.org/custody/evidence/store/s3"
	"example.org/custody/signing/keyfile"
	"example.org/custody/signing/trust"
	"example.org/custody/verify"
)

// Touring is what a tour is asked.
type Touring struct {
	Dir        string        // folder to make; must not exist or be empty
	Paths      []string      // files and folders to seal; none: the sample
	Daemon     string        // the program custodyd
	Engine     engine.Choice // what keeps the three ledgers; the zero value is the embedded engine
	Bucket     *s3.Config    // where the three desks keep evidence, each below a prefix; nil: in folders
	StoreWaits func(s3.Wait) // told that it is waited for, as [Home.StoreWaits]; nil: nobody
	Channel    *Sharing      // the states' shared channel, on which what is packed is anchored; nil: none
	Say        func(step, detail string)
	Report     func(*verify.SenderVerdict) ([]byte, error) // the package's own report
	Progress   progress.Sink
}

// Toured is what a tour left in its folder.
type Toured struct {
	Dir        string          `json:"dir"`
	Package    string          `json:"package"`            // by the state that holds the item at the end
	Giver      string          `json:"package_of_giver"`   // by the state that sealed it, while the other held it
	Requested  string          `json:"package_of_request"` // of what came under the request, and the request
	Trust      string          `json:"trust"`
	Homes      []string        `json:"homes"` // of the three desks
	Passphrase string          `json:"passphrase"`
	Secret     string          `json:"passphrase_file"`
	Agreement  string          `json:"agreement,omitempty"` // about the channel, whose proofs are in the folder anchors
	Item       evidence.ItemID `json:"item"`
	Copy       evidence.ItemID `json:"copy"`    // derived from it
	Request    evidence.ItemID `json:"request"` // the order of one state to the other
	Answer     evidence.ItemID `json:"answer"`  // what came under it
	Packed     *Packed         `json:"packed"`
}

// Tour tells the whole story on real input: a timestamp authority, and three states,
// each with a desk and a node, that is a process of its own which keeps the ledger and cosigns and audits
// the two others (rule P17: both must, f = 1); seal, handoff across the border,
// examination, a derived copy, an investigation order and its answer, three packages.
// Everything is what desks on several machines would do; only the addresses are near
// each other. The states are real because an instrument binds real ones and its
// deadlines count their holidays; their authorities and the case are invented.
func Tour(ctx context.Context, in Touring) (out *Toured, err error) {
	if err := copies.Vacant(in.Dir); err != nil {
		return nil, err
	}
	if _, err := os.Stat(in.Daemon); err != nil {
		return nil, errors.Join(ErrNoDaemon, err)
	}
	if err := os.MkdirAll(in.Dir, 0o700); err != nil {
		return nil, err
	}
	t := &tour{Touring: in, out: &Toured{Dir: in.Dir}}
	defer func() {
		if err = errors.Join(err, t.close()); err != nil {
			err = errors.Join(err, os.RemoveAll(in.Dir)) // half a story is of no use
		}
	}()
	for _, step := range []func(context.Context) error{
		t.openChannel, t.clock, t.found, t.serve, t.join, t.officers, t.seal, t.give, t.packGiven, t.examine, t.derive, t.pack,
		t.ask, t.receive, t.answer, t.verifyAnswer, t.packAnswer, t.leave,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return t.out, nil
}

// touring is one state of a tour.
type touring struct {
	*Created
	node     *nodeProcess
	anchorer *anchorer     // nil: it anchors nothing
	card     *keyfile.Card // of its officer
}

// tour is a tour under way.
type tour struct {
	Touring
	out        *Toured
	states     []*touring
	fr, de, at *touring
	item       *Item // as the desk that holds it knows it
	time       *timeService
	channel    *tourChannel // nil: the states have none
}

// tourStates are the codes of the three states.
var tourStates = []string{"FR", "DE", "AT"}

func (t *tour) path(elem ...string) string { return filepath.Join(append([]string{t.Dir}, elem...)...) }

// close ends the programs beside the nodes, the nodes, then the desks.
func (t *tour) close() error {
	var errs []error
	for _, s := range t.states {
		errs = append(errs, s.anchorer.stop())
	}
	for _, s := range t.states {
		errs = append(errs, s.node.stop())
	}
	for _, s := range t.states {
		if s.Created != nil {
			errs = append(errs, s.Created.Close())
		}
	}
	return errors.Join(append(errs, t.channel.close(), t.time.close())...)
}

// found makes the three desks and the trust list that all sign.
func (t *tour) found(ctx context.Context) error {
	t.Say("found", "three states, FR, DE and AT, each with a desk, a ledger, a witness and an auditor; authorities and case are invented")
	for _, code := range tourStates {
		d, err := newNodeProcess()
		if err != nil {
			return err
		}
		s := &touring{node: d}
		t.states = append(t.states, s)
		name := strings.ToLower(code)
		if s.Created, err = Create(ctx, CreateOptions{Dir: t.path(name), State: code, Engine: t.Engine, Bucket: t.bucketOf(name), StoreWaits: t.StoreWaits}); err != nil {
			return err
		}
		t.out.Homes = append(t.out.Homes, s.Dir)
		// What a real desk keeps on paper in a safe.
		file := keyfile.RecoveryFile(s.Recovery, s.Config.Created)
		if err := files.WriteFile(t.path("recovery-"+name+".txt"), file, 0o600); err != nil {
			return err
		}
	}
	t.fr, t.de, t.at = t.states[0], t.states[1], t.states[2]
	if err := t.cosign(func(s *touring) string { return s.node.url }); err != nil {
		return err
	}
	note, err := FoundWith(ctx, Founding{Now: t.fr.Now().Truncate(time.Second), TSAs: []trust.TSA{t.time.listed}, Instruments: t.channel.pins()}, t.fr.Created, t.de.Created, t.at.Created)
	if err != nil {
		return err
	}
	t.out.Trust = t.path("trust.note")
	return files.WriteFile(t.out.Trust, note, 0o644)
}

// bucketOf is where the desk of that name keeps evidence; nil: in a folder.
func (t *tour) bucketOf(name string) *s3.Config {
	if t.Bucket == nil {
		return nil
	}
	b := *t.Bucket
	b.Location = b.Below(name)
	return &b
}

// cosign has each state's ledger cosigned by the two others, where they are.
func (t *tour) cosign(at func(*touring) string) error {
	for _, s := range t.states {
		var others []string
		for _, other := range t.states {
			if other != s {
				others = append(others, at(other))
			}
		}
		if err := s.UseCosigners(others...); err != nil {
			return err
		}
	}
	return nil
}

// serve starts the three nodes, each a process of its own. From here on the desks have
// no ledger but what the nodes give them.
func (t *tour) serve(ctx context.Context) error {
	t.Say("nodes", "each state's node starts on this machine: it keeps the ledger, and cosigns and audits the two others")
	for _, s := range t.states {
		if err := s.MakeNode(); err != nil {
			return err
		}
	}
	for _, s := range t.states {
		ledgers := map[evidence.Origin]string{}
		for _, other := range t.states {
			if other != s {
				ledgers[other.Config.Origin] = other.node.url
			}
		}
		if err := s.node.serve(t.Daemon, s.Dir, ledgers); err != nil {
			return err
		}
		s.Node = s.node.url
	}
	for _, s := range t.states {
		if err := s.node.works(ctx); err != nil {
			return err
		}
	}
	return nil
}

// leave ends the nodes, and leaves homes that can be worked in without them: their
// ledgers go on at the desks, cosigned by the folders of the two others.
func (t *tour) leave(context.Context) error {
	for _, s := range t.states {
		if err := errors.Join(s.anchorer.stop(), s.node.stop()); err != nil {
			return err
		}
		s.Node = ""
	}
	return t.cosign(func(s *touring) string { return s.path("cosigner") })
}

// officers gives each desk one officer, all under one passphrase for the tour.
func (t *tour) officers(ctx context.Context) error {
	t.Say("enrol", "each authority enrols an officer's key; the two other states cosign")
	t.out.Passphrase, t.out.Secret = keyfile.SuggestPassphrase(), t.path("passphrase.txt")
	if err := files.WriteFile(t.out.Secret, []byte(t.out.Passphrase+"\n"), 0o600); err != nil {
		return err
	}
	for _, o := range []struct {
		at   *touring
		name string
		role evidence.Role
	}{{t.fr, "field", evidence.RoleCollector}, {t.de, "lab", evidence.RoleExaminer}, {t.at, "court", evidence.RoleCourt}} {
		var err error
		if o.at.card, err = o.at.AddOfficer(ctx, NewOfficer{Alias: o.name, Role: o.role, Passphrase: t.out.Passphrase}); err != nil {
			return err
		}
	}
	return nil
}

// Check verifies what the tour packed as the court would: by the list alone.
func (t *Toured) Check(ctx context.Context) (*verify.Verdict, error) { return t.check(ctx, t.Package) }

// CheckGiver verifies the package of the state that had given the item away.
func (t *Toured) CheckGiver(ctx context.Context) (*verify.Verdict, error) {
	return t.check(ctx, t.Giver)
}

// CheckRequest verifies the package of what came under the request.
func (t *Toured) CheckRequest(ctx context.Context) (*verify.Verdict, error) {
	return t.check(ctx, t.Requested)
}

func (t *Toured) check(ctx context.Context, file string) (*verify.Verdict, error) {
	root, err := trustlist.Given(t.Trust)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	v, _, err := verify.File(ctx, f, info.Size(), root, verify.Options{})
	return v, err
}

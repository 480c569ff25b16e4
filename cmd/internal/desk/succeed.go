package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"

	"example.org/custody/cmd/internal/desk/engine"
	"example.org/custody/cmd/internal/desk/nodehome"
	"example.org/custody/evidence"
	"example.org/custody/signing/keyfile"
	"example.org/custody/signing/trust"
)

// Errors about a ledger that follows another.
var (
	ErrGoesOn   = errors.New("the ledger has not ended")
	ErrSameName = errors.New("a ledger's name is used once")
	// ErrEndLost reports a ledger that ended by the list alone: its last checkpoint is not
	// here, and leaves before it may be lost, so that nothing could be proven from it.
	ErrEndLost = errors.New("the last checkpoint of the ledger that ended is not here")
	// ErrNodeRuns reports a home whose node is at work: it holds the ledger that ended.
	ErrNodeRuns = errors.New("the home's node is running")
)

// Succeeded is a ledger that goes on where another ended.
type Succeeded struct {
	Ended  evidence.Origin `json:"ended"`
	Origin evidence.Origin `json:"origin"` // of the successor
	Key    string          `json:"key"`    // of the successor, for the trust list
	Final  string          `json:"final"`  // the file of the ended ledger's last checkpoint
	DryRun bool            `json:"dry_run"`
}

// Folders of a succession: the successor lies in next until everything of it is durable,
// and then takes the place of the ended ledger, which moves below ended.
const (
	nextFolder  = "next"
	endedFolder = "ended"
)

// endedAt is the folder of an ended ledger.
func (h *Home) endedAt(o evidence.Origin) string {
	sum := sha256.Sum256([]byte(o))
	return h.path(endedFolder, hex.EncodeToString(sum[:8]))
}

// Succeed begins the ledger that follows the ended one, under a new name and key. The
// desk logs in it from then on; seals that are open in the ended one are closed in it,
// once the trust list names it as the successor (rule P13). Where a node keeps the
// ledger, the node must not run, and keeps the successor from its next start on. What an
// interrupt leaves is finished by the next command, or by the node. Errors:
// [ErrNoLedger], [ErrGoesOn], [ErrSameName], [ErrEndLost], [ErrNodeRuns].
func (s *Session) Succeed(ctx context.Context, o evidence.Origin) (*Succeeded, error) {
	if _, err := evidence.ParseOrigin(string(o)); err != nil {
		return nil, err
	}
	if s.Joined() {
		return nil, ErrNoLedger
	}
	end, err := s.final()
	switch {
	case err != nil:
		return nil, err
	case end == nil:
		return nil, fmt.Errorf("%s: %w", s.Config.Origin, ErrGoesOn)
	case o == s.Config.Origin || s.hasEnded(o):
		return nil, fmt.Errorf("%s: %w", o, ErrSameName)
	}
	if _, err := os.Stat(s.path("ledger", "final.note")); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", s.Config.Origin, ErrEndLost)
	}
	release, err := s.keepNodeOut()
	if err != nil {
		return nil, err
	}
	defer release()
	out := &Succeeded{Ended: s.Config.Origin, Origin: o, Final: filepath.Join(s.endedAt(s.Config.Origin), "ledger", "final.note"), DryRun: s.DryRun}
	if s.DryRun {
		return out, nil
	}
	if err := s.leaveLogbook(); err != nil {
		return nil, err
	}
	key, err := s.makeNext(ctx, o)
	if err != nil {
		return nil, err
	}
	out.Key = key.String()
	return out, s.finishSuccession()
}

// makeNext makes the successor beside the ended ledger; its custody.json comes last.
func (s *Session) makeNext(ctx context.Context, o evidence.Origin) (trust.VKey, error) {
	if err := os.RemoveAll(s.path(nextFolder)); err != nil { // without custody.json nobody used it
		return trust.VKey{}, err
	}
	skey, vkey, err := trust.GenerateKey(string(o))
	if err != nil {
		return vkey, err
	}
	to, errT := s.recipients()
	secret, errS := evidence.Canonical(ledgerSecret{Log: skey})
	signer, errK := note.NewSigner(skey)
	next := s.Config
	next.Origin = o
	config, errC := evidence.Canonical(next)
	if err := errors.Join(errT, errS, errK, errC, files.Mkdir(s.path(nextFolder))); err != nil {
		return vkey, err
	}
	if err := keyfile.CreateSecret(s.path(nextFolder, "ledger.age"), secretLedger, secret, to...); err != nil {
		return vkey, err
	}
	with, err := engine.Of(s.path("ledger")) // the same as before
	if err == nil {
		err = with.Create(ctx, s.path(nextFolder, "ledger"), signer)
	}
	if err == nil && s.HasNode() {
		err = nodehome.MakeNext(s.Dir, nodehome.About{Origin: o, Recovery: s.Config.Recovery, State: s.Config.State}, skey, files)
	}
	if err != nil {
		return vkey, err
	}
	if err := s.bind(boundConfig, config); err != nil {
		return vkey, err
	}
	return vkey, files.WriteFile(s.path(nextFolder, "custody.json"), config, 0o600)
}

// succeeds reports whether a successor is whole and not in its place yet.
func (h *Home) succeeds() bool {
	_, err := os.Stat(h.path(nextFolder, "custody.json"))
	return err == nil
}

// finishSuccession puts a successor that is whole in the place of the ended ledger. Each
// step is done once, whatever ended the process between two of them.
func (h *Home) finishSuccession() error {
	next, err := readConfig(h.path(nextFolder))
	if err != nil {
		return err
	}
	ended := h.endedAt(h.Config.Origin)
	if err := errors.Join(os.MkdirAll(ended, 0o700), h.citeLists()); err != nil {
		return err
	}
	for _, step := range []struct{ from, to string }{
		{h.path("ledger"), filepath.Join(ended, "ledger")},
		{h.path("keys", "ledger.age"), filepath.Join(ended, "ledger.age")},
		{h.path(nextFolder, "ledger"), h.path("ledger")},
		{h.path(nextFolder, "ledger.age"), h.path("keys", "ledger.age")},
	} {
		if err := moveOnce(step.from, step.to); err != nil {
			return err
		}
	}
	if h.HasNode() {
		if err := nodehome.PlaceNext(h.Dir, files); err != nil {
			return err
		}
	}
	if err := files.Replace(h.path(nextFolder, "custody.json"), h.path("custody.json")); err != nil {
		return err
	}
	if err := files.SyncDir(h.Dir); err != nil {
		return err
	}
	h.Config = next
	return os.RemoveAll(h.path(nextFolder))
}

// moveOnce moves a file or folder unless it was moved before.
func moveOnce(from, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return errors.Join(files.Place(from, to), files.SyncDir(filepath.Dir(from)), files.SyncDir(filepath.Dir(to)))
}

// hasEnded reports whether a ledger of this desk has ended and another follows it.
func (h *Home) hasEnded(o evidence.Origin) bool {
	_, err := os.Stat(filepath.Join(h.endedAt(o), "ledger"))
	return o != h.Config.Origin && err == nil
}

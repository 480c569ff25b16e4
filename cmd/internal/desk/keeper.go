package desk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"filippo.io/age"

	"example.org/custody/cmd/internal/desk/input"
	"example.org/custody/cmd/internal/desk/progress"
	"example.org/custody/evidence"
	"example.org/custody/evidence/store"
	"example.org/custody/evidence/vault"
)

// keeper is the desk's vault and the store beside it (spec/vault.md).
type keeper struct {
	vault *vault.Vault
	store store.Store
	desk  *Session
}

func createVault(path string) error { return vault.Create(path, files) }

// openKeeper opens store and vault, and settles a sealing that an interrupted
// process left: it is finished when its event was signed, else nothing of it is
// left.
func openKeeper(ctx context.Context, s *Session) (*keeper, error) {
	to, err := s.vaultRecipients()
	if err != nil {
		return nil, err
	}
	k := &keeper{desk: s}
	if k.store, err = s.openStore(false); err != nil {
		return nil, err
	}
	k.vault, err = vault.Open(ctx, s.path("vault"), vault.Options{
		Store: k.store, Identity: s.vaultID, Recipients: to, Files: files, Now: s.Now,
	})
	if err != nil {
		return nil, errors.Join(err, k.store.Close())
	}
	if err := k.recover(ctx); err != nil {
		return nil, errors.Join(err, k.close())
	}
	return k, nil
}

// vaultRecipients are the recipients of everything in the home, as the vault
// wants them.
func (s *Session) vaultRecipients() ([]*age.X25519Recipient, error) {
	all, err := s.recipients()
	if err != nil {
		return nil, err
	}
	to := make([]*age.X25519Recipient, len(all))
	for i, r := range all {
		x, ok := r.(*age.X25519Recipient)
		if !ok {
			return nil, fmt.Errorf("custody.json: a recipient is not X25519: %w", ErrHomeDamaged)
		}
		to[i] = x
	}
	return to, nil
}

func (k *keeper) close() error { return errors.Join(k.vault.Close(), k.store.Close()) }

// recover says what was put right.
func (k *keeper) recover(ctx context.Context) error {
	for _, r := range k.vault.Recovered().Erasures {
		k.tell(r.Item, evidence.Dispose, "its erasure had been interrupted; it is carried out to the end now")
	}
	if k.vault.Unfinished() == nil {
		return nil
	}
	e, err := k.settle(ctx)
	switch {
	case err != nil:
		return err
	case e == nil:
		k.tell(evidence.ItemID{}, evidence.Collect, "a sealing had been interrupted before it was signed; nothing of it is left, seal again")
	default:
		k.tell(e.Event.Item, e.Event.Action, "its sealing had been interrupted after it was signed; everything of it is kept")
	}
	return nil
}

func (k *keeper) tell(id evidence.ItemID, a evidence.Action, what string) {
	k.desk.Resumed = append(k.desk.Resumed, Resumed{Item: id, Action: a, What: what})
}

// bodies returns an item's bodies in order of their numbers; none of an unknown
// item.
func (k *keeper) bodies(ctx context.Context, id evidence.ItemID) ([][]byte, error) {
	return k.vault.Bodies(ctx, id)
}

func (k *keeper) putBody(ctx context.Context, _ *Session, b *Body) error {
	return k.vault.PutBody(ctx, b.Item, b.Seq, b)
}

func (k *keeper) hasBody(ctx context.Context, id evidence.ItemID, seq uint64) (bool, error) {
	return k.vault.HasBody(ctx, id, seq)
}

// itemsLike lists the items whose id begins with digits.
func (k *keeper) itemsLike(ctx context.Context, digits string) ([]evidence.ItemID, error) {
	return k.vault.ItemsLike(ctx, digits)
}

func (k *keeper) items(ctx context.Context) ([]evidence.ItemID, error) { return k.vault.Items(ctx) }

// stubs returns what stays of an item's erased events, by number.
func (k *keeper) stubs(id evidence.ItemID) (map[int64]Erased, error) {
	found, err := k.vault.Stubs(context.Background(), id)
	stubs := make(map[int64]Erased, len(found))
	for _, s := range found {
		stubs[int64(s.Seq)] = Erased{Leaf: s.Leaf, Index: s.Index, Order: s.Order}
	}
	return stubs, err
}

// erase destroys the bodies of one item's events and the content of files, with
// everything that opens them. It comes after the dispose event that orders it is
// logged, and may be repeated: what is erased already is passed over. The report
// names everyone who ever had a key.
func (k *keeper) erase(ctx context.Context, _ *Session, stubs []vault.Stub, content []evidence.FileValue) (*vault.Report, error) {
	e := vault.Erasure{Bodies: stubs, Files: content}
	if len(stubs) > 0 {
		e.Item = stubs[0].Item
	}
	if err := k.unhold(ctx, content); err != nil {
		return nil, err
	}
	r, err := k.vault.Erase(ctx, e)
	if err != nil {
		return r, err
	}
	return r, k.retainRewritten(ctx, r)
}

// reports returns the reports of all erasures, oldest first.
func (k *keeper) reports(ctx context.Context) ([]*vault.Report, error) { return k.vault.Reports(ctx) }

// ingest reads and stores what was found. The sealing is under way until commit
// or abandon; one that a failed act left is settled first.
func (k *keeper) ingest(ctx context.Context, in vault.Intake) error {
	if _, err := k.settle(ctx); err != nil {
		return err
	}
	return k.vault.Ingest(ctx, in)
}

// earlier counts the files whose content was sealed at this desk before (rule
// P25). Nil stands for those of the sealing under way.
func (k *keeper) earlier(values []evidence.FileValue) (int, error) { return k.vault.Earlier(values) }

// digest reads a file's content again and returns its digests.
func (k *keeper) digest(ctx context.Context, v evidence.FileValue, p progress.Sink) (evidence.Digests, error) {
	return k.vault.Digest(ctx, v, p)
}

// open returns a file's content.
func (k *keeper) open(ctx context.Context, v evidence.FileValue) (io.ReadCloser, error) {
	r, err := k.vault.Open(ctx, v)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// has reports whether an object's key is kept here.
func (k *keeper) has(ctx context.Context, name evidence.ObjectName) (bool, error) {
	return k.vault.HasKey(ctx, name)
}

// identity returns what opens an object, for the holder of the age recipient to,
// and remembers that they got it.
func (k *keeper) identity(ctx context.Context, name evidence.ObjectName, to string) (string, error) {
	return k.vault.Release(ctx, name, to)
}

// export writes a copy of an encrypted object to path, durably.
func (k *keeper) export(ctx context.Context, name evidence.ObjectName, path string, p progress.Sink) (vault.Encrypted, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return vault.Encrypted{}, err
	}
	e, err := k.vault.Export(ctx, name, progress.Writer(f, p))
	if err == nil {
		err = f.Sync()
	}
	return e, errors.Join(err, f.Close())
}

// adopt takes in an object that came with an offer.
func (k *keeper) adopt(ctx context.Context, _ *Session, o offerObject, identity, path string, p progress.Sink) error {
	f, err := input.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := k.vault.Adopt(ctx, o.Name, vault.Encrypted{SHA256: o.SHA256, Size: o.Size}, identity, progress.Reader(f, p)); err != nil {
		return err
	}
	return k.retain(ctx, objectSet{o.Name: true}, nil)
}

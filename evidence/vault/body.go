package vault

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
)

const (
	bodySuffix = ".age"
	stubSuffix = ".erased"
)

// itemName and bodyName are places below the vault.
func itemName(id evidence.ItemID) string { return bodiesDir + "/" + id.String() }

func bodyName(id evidence.ItemID, seq uint64, suffix string) string {
	return fmt.Sprintf("%s/%d%s", itemName(id), seq, suffix)
}

// PutBody keeps the body of an event, durably, in place of an earlier one. It is
// encrypted as it is written: a body may be larger than what memory is to hold.
// The body of an erased event is refused with [ErrErased].
func (v *Vault) PutBody(ctx context.Context, id evidence.ItemID, seq uint64, body io.WriterTo) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := os.Lstat(v.at(bodyName(id, seq, stubSuffix))); err == nil {
		return fmt.Errorf("item %s event %d: %w", id.Short(), seq, ErrErased)
	}
	return v.putOfItem(id, bodyName(id, seq, bodySuffix), func(w io.Writer) error {
		_, err := body.WriteTo(w)
		return err
	})
}

// putOfItem writes a sealed file into an item's folder. The folder comes into
// being with its first file in it.
func (v *Vault) putOfItem(id evidence.ItemID, name string, content writing) error {
	_, err := os.Lstat(v.at(itemName(id)))
	if err == nil {
		return v.putSealed(name, content)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return v.placeItem(id, filepath.Base(v.at(name)), v.seal(name, content))
}

func (v *Vault) placeItem(id evidence.ItemID, base string, sealed writing) error {
	folder := v.at(tempDir + "/" + durable.TempPrefix + rand.Text())
	if err := v.files.Mkdir(folder); err != nil {
		return err
	}
	temp, err := v.writeTemp(folder, sealed)
	if err != nil {
		return err
	}
	if err := v.files.Replace(temp, filepath.Join(folder, base)); err != nil {
		return err
	}
	if err := v.files.SyncDir(folder); err != nil {
		return err
	}
	if err := v.files.Replace(folder, v.at(itemName(id))); err != nil {
		return err
	}
	return v.files.SyncDir(v.at(bodiesDir))
}

// HasBody reports whether the event's body is kept.
func (v *Vault) HasBody(ctx context.Context, id evidence.ItemID, seq uint64) (bool, error) {
	_, err := os.Lstat(v.at(bodyName(id, seq, bodySuffix)))
	if errors.Is(err, fs.ErrNotExist) {
		return false, ctx.Err()
	}
	return err == nil, errors.Join(err, ctx.Err())
}

// Body returns the body of one event; one that is not there gives an error that
// wraps [fs.ErrNotExist].
func (v *Vault) Body(ctx context.Context, id evidence.ItemID, seq uint64) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return v.unseal(bodyName(id, seq, bodySuffix))
}

// Bodies returns the bodies of an item's events in order. Of an unknown item
// there are none.
func (v *Vault) Bodies(ctx context.Context, id evidence.ItemID) ([][]byte, error) {
	seqs, err := v.seqs(id, bodySuffix)
	if err != nil {
		return nil, err
	}
	all := make([][]byte, len(seqs))
	for i, seq := range seqs {
		if all[i], err = v.Body(ctx, id, seq); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// seqs lists the numbers of the events of which there is a file, ascending.
func (v *Vault) seqs(id evidence.ItemID, suffix string) ([]uint64, error) {
	entries, err := os.ReadDir(v.at(itemName(id)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []uint64
	for _, e := range entries {
		number, ok := strings.CutSuffix(e.Name(), suffix)
		if !ok {
			continue
		}
		seq, err := strconv.ParseUint(number, 10, 64)
		if err != nil || strconv.FormatUint(seq, 10) != number {
			return nil, fmt.Errorf("%s/%s: %w", itemName(id), e.Name(), ErrDamaged)
		}
		all = append(all, seq)
	}
	slices.Sort(all)
	return all, nil
}

// Items lists the items of which there is a body or a stub, in order of the id.
func (v *Vault) Items(ctx context.Context) ([]evidence.ItemID, error) {
	entries, err := os.ReadDir(v.at(bodiesDir))
	if err != nil {
		return nil, err
	}
	all := make([]evidence.ItemID, 0, len(entries))
	for _, e := range entries {
		id, err := evidence.ParseHash(e.Name())
		if err != nil {
			return nil, fmt.Errorf("%s/%s: %w", bodiesDir, e.Name(), ErrDamaged)
		}
		all = append(all, evidence.ItemID(id))
	}
	return all, ctx.Err()
}

// ItemsLike lists the items whose id begins with the digits of prefix, in order.
// It reads the names of all items, and keeps those that fit alone: a desk may
// have a million.
func (v *Vault) ItemsLike(ctx context.Context, prefix string) ([]evidence.ItemID, error) {
	dir, err := os.Open(v.at(bodiesDir))
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	var fit []evidence.ItemID
	for {
		names, err := dir.Readdirnames(4096)
		if err == io.EOF {
			slices.SortFunc(fit, func(a, b evidence.ItemID) int { return bytes.Compare(a[:], b[:]) })
			return fit, ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if !strings.HasPrefix(name, prefix) {
				continue
			}
			id, err := evidence.ParseHash(name)
			if err != nil {
				return nil, fmt.Errorf("%s/%s: %w", bodiesDir, name, ErrDamaged)
			}
			fit = append(fit, evidence.ItemID(id))
		}
	}
}

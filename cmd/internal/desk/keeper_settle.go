package desk

import (
	"context"
	"errors"
	"path/filepath"

	"example.org/custody/evidence"
	"example.org/custody/evidence/vault"
	"example.org/custody/signing/keyfile"
)

// commit finishes the sealing under way, if there is one: its event is kept. A
// thing without files needs none. values are those of a sealing that another
// process began, nil for one of this process.
func (k *keeper) commit(ctx context.Context, values []evidence.FileValue) error {
	err := k.vault.Commit(ctx, values)
	if errors.Is(err, vault.ErrNoSealing) {
		return nil
	}
	return err
}

// abandon ends a sealing whose act failed. When its event was signed and queued
// all the same, its objects stay, because the event will be logged.
func (k *keeper) abandon(ctx context.Context) error {
	_, err := k.settle(context.WithoutCancel(ctx))
	return err
}

// settle ends the sealing under way, if there is one: finished when a signed
// event names its objects, which is then returned, else abandoned.
func (k *keeper) settle(ctx context.Context) (*Entry, error) {
	objects := k.vault.Unfinished()
	if objects == nil {
		return nil, nil
	}
	e, err := k.namer(ctx, objects)
	if err != nil {
		return nil, err
	}
	if e == nil {
		return nil, k.vault.Abandon(ctx)
	}
	values := []evidence.FileValue{}
	err = e.eachFile(func(_ int, v evidence.FileValue) error {
		values = append(values, v)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return e, k.commit(ctx, values)
}

// namer returns the signed event whose record names one of the objects; nil when
// there is none. It looks where the event of an interrupted sealing can be, the
// likely places first.
func (k *keeper) namer(ctx context.Context, objects map[evidence.ObjectName]bool) (*Entry, error) {
	for _, find := range []func(context.Context, func(*Entry) bool) (*Entry, error){k.queued, k.refused, k.first} {
		e, err := find(ctx, func(e *Entry) bool { return e.names(objects) })
		if e != nil || err != nil {
			return e, err
		}
	}
	return nil, nil
}

// names reports whether the event's record places a file in one of the objects.
func (e *Entry) names(objects map[evidence.ObjectName]bool) bool {
	errNamed := errors.New("named")
	err := e.eachFile(func(_ int, v evidence.FileValue) error {
		if v.Stored != nil && objects[v.Stored.Object] {
			return errNamed
		}
		return nil
	})
	return err == errNamed
}

func (k *keeper) queued(_ context.Context, fits func(*Entry) bool) (*Entry, error) {
	found, err := filepath.Glob(k.desk.path("queue", "*.age"))
	if err != nil {
		return nil, err
	}
	for _, path := range found {
		entries, err := k.desk.openQueued(path)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if fits(e) {
				return e, nil
			}
		}
	}
	return nil, nil
}

func (k *keeper) refused(_ context.Context, fits func(*Entry) bool) (*Entry, error) {
	found, err := filepath.Glob(k.desk.path("queue", "refused", "*.age"))
	if err != nil {
		return nil, err
	}
	for _, path := range found {
		raw, err := keyfile.OpenSecret(path, secretQueue, k.desk.vaultID)
		if err != nil {
			return nil, err
		}
		e, err := parseBody(raw)
		if err != nil {
			return nil, err
		}
		if fits(e) {
			return e, nil
		}
	}
	return nil, nil
}

// first looks at the first event of every item: files are sealed by no other.
func (k *keeper) first(ctx context.Context, fits func(*Entry) bool) (*Entry, error) {
	ids, err := k.vault.Items(ctx)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		has, err := k.vault.HasBody(ctx, id, 0)
		if err != nil {
			return nil, err
		}
		if !has {
			continue // it is erased
		}
		raw, err := k.vault.Body(ctx, id, 0)
		if err != nil {
			return nil, err
		}
		e, err := parseBody(raw)
		if err != nil {
			return nil, err
		}
		if fits(e) {
			return e, nil
		}
	}
	return nil, nil
}

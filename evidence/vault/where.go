package vault

import (
	"context"

	"example.org/custody/evidence"
)

// Where returns the object of the store that holds what records know as name: another
// one once a file of a pack was erased. It returns [ErrNoKey].
func (v *Vault) Where(ctx context.Context, name evidence.ObjectName) (evidence.ObjectName, error) {
	k, err := v.findKey(ctx, name)
	if err != nil {
		return evidence.ObjectName{}, err
	}
	return k.Object, nil
}

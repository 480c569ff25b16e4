package desk

import (
	"context"
	"errors"
	"maps"

	"example.org/custody/evidence"
	"example.org/custody/evidence/mla"
)

// Derivation says how a new item comes from one in custody.
type Derivation struct {
	Item   *Item
	Kind   evidence.DerivationKind
	Fields map[string]any // of the parent's derive event: tool, parameters, operator
	Use    *mla.Use       // when it is for another proceeding than the parent; nil: nothing is said
}

// Derive makes a new item out of one in custody: the parent's derive event opens
// the child's birth seal, and the child's collect closes it. Both are signed and
// queued together; the parent's is logged first, and without it the child's is
// not (rule P14).
func (s *Session) Derive(ctx context.Context, from Derivation, in Sealing) (parent Done, child *Sealed, err error) {
	in.Parent = &from
	start := s.Now()
	use, err := s.derivedUse(ctx, from, in)
	if err != nil {
		return Done{}, nil, err
	}
	if len(use) > 0 {
		from.Fields = maps.Clone(from.Fields)
		if from.Fields == nil {
			from.Fields = use
		}
		maps.Copy(from.Fields, use)
	}
	if in.Fields, err = inherit(from.Item, in.Fields); err != nil {
		return Done{}, nil, err
	}
	cd, out, err := s.collect(ctx, &in)
	if err != nil {
		return Done{}, nil, err
	}
	birth := evidence.ItemID(evidence.BirthKey(s.Config.Origin, cd.roots.Root).Seal())
	pd := &draft{item: from.Item, action: evidence.Derive, at: in.At}
	if err := pd.newRecord(from.Fields); err != nil {
		return Done{}, nil, errors.Join(err, cd.closeFiles(), s.keeper.abandon(ctx))
	}
	pd.shape = func(e *evidence.Event) {
		e.Opens.Children = []evidence.Child{{Item: birth, Origin: s.Config.Origin}}
	}
	pd.keep = func(e *Entry) error {
		cd.derive = e
		cd.shape = func(c *evidence.Event) {
			c.Standard = in.Standard
			c.Parent = &evidence.Parent{Item: from.Item.ID, Kind: from.Kind, Leaf: e.Leaf}
		}
		return nil
	}
	done, err := s.performIngested(ctx, pd, cd)
	if err != nil {
		return Done{}, nil, err
	}
	out.Done, out.Item, out.Duration = done[1], birth, s.Now().Sub(start)
	return done[0], out, nil
}

// derivedUse decides about an item for another proceeding than its parent's: an
// export to another case. Within the case nobody is given anything.
func (s *Session) derivedUse(ctx context.Context, from Derivation, in Sealing) (map[string]any, error) {
	was, _ := from.Item.Text("case")
	now, _ := in.Fields["case"].(string)
	if now == was && from.Use == nil {
		return nil, nil
	}
	var use mla.Use
	if from.Use != nil {
		use = *from.Use
	}
	if use.Proceeding == "" {
		use.Proceeding = now
	}
	return s.useFields(ctx, from.Item, evidence.Derive, &use)
}

package pack

import (
	"slices"
	"strings"

	"example.org/custody/evidence"
)

// Decode reads a dossier from its files. It refuses every encoding but the one
// [Dossier.Encode] writes, other order and repetition included, every file it
// does not know, and a policy, certificate, token or agreement under a name that is not
// its digest. Errors are [*FileError] and wrap [ErrForm] or [ErrLimit]. Of the
// events it checks the envelope and the canonical form of the record, not more.
func Decode(files map[string][]byte) (*Dossier, error) {
	d := &Dossier{Lists: map[uint64][]byte{}, Policies: map[evidence.Hash][]byte{}, Certs: map[evidence.Hash][]byte{}, Tokens: map[evidence.Hash][]byte{},
		Agreements: map[evidence.Hash][]byte{}}
	for _, name := range []string{ItemsName, EventsName, LogsName, NotesName} {
		if _, ok := files[name]; !ok {
			return nil, formError(name, 0, "missing")
		}
	}
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names) // the first thing wrong is always the same one
	for _, name := range names {
		if err := d.decodeFile(name, files[name]); err != nil {
			return nil, err
		}
	}
	return d, d.check()
}

func (d *Dossier) decodeFile(name string, b []byte) (err error) {
	limit := MaxFile
	if name == EventsName {
		limit = MaxEventsFile
	}
	if len(b) > limit {
		return limitError(name, "%d bytes, %d allowed", len(b), limit)
	}
	switch name {
	case ItemsName:
		d.Items, err = decodeLines[ItemLine](name, b, MaxItems)
	case EventsName:
		d.Events, err = decodeLines[EventLine](name, b, MaxEvents)
	case LogsName:
		d.Logs, err = decodeLines[LogLine](name, b, MaxItems)
	case ReadersName:
		if d.Readers, err = decodeLines[Reader](name, b, MaxReaders); err == nil && len(d.Readers) == 0 {
			err = formError(name, 0, "names nobody")
		}
	case NotesName:
		var lines []noteLine
		lines, err = decodeLines[noteLine](name, b, MaxEvents)
		for _, l := range lines {
			d.Notes = append(d.Notes, l.Note)
		}
	case AnchorsName:
		d.Anchors, err = decodeAnchors(b)
	default:
		return d.decodeNamed(name, b)
	}
	return err
}

// decodeNamed reads a file whose name says what it is.
func (d *Dossier) decodeNamed(name string, b []byte) error {
	if v, ok := listVersion(name); ok {
		d.Lists[v] = b
		return nil
	}
	for _, kind := range []struct {
		prefix, suffix string
		into           map[evidence.Hash][]byte
	}{{"trust/policy-", ".txt", d.Policies}, {"trust/cert-", ".der", d.Certs}, {tokenPrefix, ".tst", d.Tokens}, {agreementPrefix, ".json", d.Agreements}} {
		digest, ok := nameDigest(name, kind.prefix, kind.suffix)
		if !ok {
			continue
		}
		if got := NoteDigest(b); got != digest {
			return formError(name, 0, "content has SHA-256 %s", got)
		}
		kind.into[digest] = b
		return nil
	}
	return formError(name, 0, "no file of a dossier")
}

// check finds what is in order line by line but not as a whole.
func (d *Dossier) check() error {
	if err := d.checkItems(); err != nil {
		return err
	}
	if err := d.checkReaders(); err != nil {
		return err
	}
	if err := d.checkEvents(); err != nil {
		return err
	}
	for i := range d.Logs {
		if i > 0 && d.Logs[i-1].Origin >= d.Logs[i].Origin {
			return formError(LogsName, i+1, "out of order")
		}
		if err := d.Logs[i].check(); err != nil {
			return formError(LogsName, i+1, "%v", err)
		}
	}
	return ascending(NotesName, d.Notes, compareNotes)
}

func (d *Dossier) checkItems() error {
	seen := make(map[evidence.ItemID]bool, len(d.Items))
	entries := map[Enclosed]bool{}
	placed := map[string]placing{} // of every entry
	for i, l := range d.Items {
		if seen[l.Item] {
			return formError(ItemsName, i+1, "item is named twice")
		}
		seen[l.Item] = true
		for _, p := range l.Payload {
			if !strings.HasPrefix(p.Entry, payloadPrefix) || p.File == "" {
				return formError(ItemsName, i+1, "entry %.200q is not below payload/, or names no file", p.Entry)
			}
			key := Enclosed{Entry: p.Entry, Member: p.Member}
			if entries[key] {
				return formError(ItemsName, i+1, "entry %.200q is named twice", p.Entry)
			}
			entries[key] = true
			if was, there := placed[p.Entry]; there && was != p.placing() {
				return formError(ItemsName, i+1, "entry %.200q is named as a whole and with members, or with members of two kinds", p.Entry)
			}
			if placed[p.Entry] = p.placing(); p.InBagIt() {
				if err := p.checkBagged(i + 1); err != nil {
					return formError(ItemsName, i+1, "%v", err)
				}
			}
		}
	}
	return nil
}

func (d *Dossier) checkEvents() error {
	places := d.placer()
	var last place
	for i, e := range d.Events {
		p, err := places.of(e)
		if err != nil {
			return formError(EventsName, i+1, "%v", err)
		}
		if i > 0 && last.compare(p) >= 0 {
			return formError(EventsName, i+1, "out of order, or a second event of item %s at %d", p.item, p.seq)
		}
		last = p
	}
	return nil
}

func (l *LogLine) check() error {
	if _, err := evidence.ParseOrigin(string(l.Origin)); err != nil {
		return err
	}
	if err := ascending("inclusion", l.Inclusion, compareInclusions); err != nil {
		return err
	}
	if err := ascending("lists", l.Lists, compareLists); err != nil {
		return err
	}
	return ascending("closed", l.Closed, compareClosed)
}

func ascending[T any](name string, list []T, compare func(a, b T) int) error {
	for i := 1; i < len(list); i++ {
		if compare(list[i-1], list[i]) >= 0 {
			return formError(name, i+1, "out of order or repeated")
		}
	}
	return nil
}

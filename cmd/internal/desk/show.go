package desk

import "example.org/custody/evidence"

// FileLine is one file of an item as its record has it.
type FileLine struct {
	File      string            `json:"file"` // name in the record
	Path      string            `json:"path"`
	Kind      evidence.FileKind `json:"kind"`
	Size      int64             `json:"size"` // bytes; 0 for what has none
	SHA256    string            `json:"sha256,omitempty"`
	Encrypted bool              `json:"encrypted"` // the bytes are kept here, encrypted
}

// Shown is everything this desk can say about an item at a glance.
type Shown struct {
	Summary
	SealedBy []string       `json:"sealed_by"` // role, state, key
	Leaf     string         `json:"leaf"`      // of the first event, origin#index
	NextIn   string         `json:"next_in,omitempty"`
	Standard string         `json:"standard,omitempty"`
	Fields   map[string]any `json:"fields"`
	FileList []FileLine     `json:"file_list"`
	Erased   int            `json:"erased"` // events
	Corrects []Corrected    `json:"corrections"`
}

// Corrected is one correction: the record itself stays as it was signed.
type Corrected struct {
	Seq    int64  `json:"seq"` // the correct event
	Field  string `json:"field"`
	New    any    `json:"new"`
	Reason string `json:"reason"`
}

// Show reads one item.
func (s *Session) Show(it *Item) (*Shown, error) {
	aliases, err := s.aliases()
	if err != nil {
		return nil, err
	}
	files := []FileLine{}
	sum, err := s.summarise(it, aliases, func(n int, v evidence.FileValue) { files = append(files, fileLine(n, v)) })
	if err != nil {
		return nil, err
	}
	first, err := it.First().summary()
	if err != nil {
		return nil, err
	}
	out := &Shown{
		Summary: sum, SealedBy: first.Signers, Leaf: first.Leaf, Standard: it.First().Event.Standard,
		Fields: first.Fields, FileList: files, Erased: len(it.Erased),
	}
	if next := it.Last().Event.Opens.Next; next != nil {
		out.NextIn = string(next.Origin)
	}
	out.Corrects, err = it.corrections()
	return out, err
}

// corrections lists what later events say of the record.
func (it *Item) corrections() ([]Corrected, error) {
	all := []Corrected{}
	for _, e := range it.Entries {
		if e.Event.Action != evidence.Correct {
			continue
		}
		sum, err := e.summary()
		if err != nil {
			return nil, err
		}
		c := Corrected{Seq: e.Event.Seq, New: sum.Fields["new"]}
		c.Field, _ = sum.Fields["field"].(string)
		c.Reason, _ = sum.Fields["reason"].(string)
		all = append(all, c)
	}
	return all, nil
}

func fileLine(n int, v evidence.FileValue) FileLine {
	l := FileLine{File: evidence.FileName(n), Path: v.Path, Kind: v.Kind, Encrypted: v.Stored != nil}
	if v.Digests != nil {
		l.Size, l.SHA256 = v.Digests.Size, v.Digests.SHA256.String()
	}
	return l
}

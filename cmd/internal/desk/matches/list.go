package matches

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"example.org/custody/evidence/mla/matching"
)

// columns are what a list of identifiers may have, and kinds what each needs of them.
var (
	columns = []string{"kind", "names", "birth", "state", "number", "reference"}
	kinds   = map[matching.Kind]func(row map[string]string) (matching.Identifier, error){
		matching.Person: func(r map[string]string) (matching.Identifier, error) {
			return matching.NewPerson(r["names"], r["birth"])
		},
		matching.Document: func(r map[string]string) (matching.Identifier, error) {
			return matching.NewDocument(r["state"], r["number"])
		},
		matching.Phone:   func(r map[string]string) (matching.Identifier, error) { return matching.NewPhone(r["number"]) },
		matching.Account: func(r map[string]string) (matching.Identifier, error) { return matching.NewAccount(r["number"]) },
	}
)

// ReadList reads identifiers as CSV (RFC 4180) with a first line that names the columns:
// kind, reference, and what the kinds need of names, birth, state and number. Error:
// [ErrList], which names line and column and never what stands there.
func ReadList(r io.Reader) ([]Held, error) {
	c := csv.NewReader(r)
	names, err := c.Read()
	if err != nil {
		return nil, fmt.Errorf("%w: its first line does not name the columns", ErrList)
	}
	names[0] = strings.TrimPrefix(names[0], "\ufeff")
	for i, name := range names {
		if !slices.Contains(columns, name) || slices.Contains(names[:i], name) {
			return nil, fmt.Errorf("%w: line 1, column %d: one of %s is wanted, each once", ErrList, i+1, strings.Join(columns, ", "))
		}
	}
	var out []Held
	for {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		line, _ := c.FieldPos(0)
		if err != nil {
			return nil, fmt.Errorf("%w: line %d is no row of %d columns", ErrList, line, len(names))
		}
		held, err := heldIn(names, row)
		if err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrList, line, err)
		}
		if out = append(out, held); len(out) > matching.MaxIdentifiers {
			return nil, fmt.Errorf("line %d: %w", line, matching.ErrCount)
		}
	}
}

func heldIn(names, row []string) (Held, error) {
	r := map[string]string{}
	for i, name := range names {
		r[name] = strings.TrimSpace(row[i])
	}
	make, ok := kinds[matching.Kind(r["kind"])]
	if !ok {
		return Held{}, errors.New("its kind is none of person, document, phone, account")
	}
	if r["reference"] == "" {
		return Held{}, errors.New("it has no reference, by which a hit would be known")
	}
	id, err := make(r)
	return Held{id, r["reference"]}, err
}

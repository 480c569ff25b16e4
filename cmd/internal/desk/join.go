package desk

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"example.org/custody/cmd/internal/desk/trustlist"
	"example.org/custody/evidence"
	"example.org/custody/ledger/client"
	"example.org/custody/signing/trust"
)

// Joining is what a desk needs that begins at its state's node: it makes no ledger and
// no cosigner, its state has them. It is an authority of its own, whose certificate the
// state's next trust list has to name before what it enrols is logged.
type Joining struct {
	Node string          // the node's address
	List *trustlist.File // the list by which the node is believed (rule P10)
}

// ErrNoLedger reports a desk that makes use of its state's ledger at a node and has none
// of its own, nor a cosigner or a signature under trust lists.
var ErrNoLedger = errors.New("this desk has no ledger of its own; it logs at its state's node")

// complete fills in the ledger's origin by the list.
func (j *Joining) complete(o *CreateOptions) error {
	if _, err := client.ParseAddress(j.Node); err != nil {
		return err
	}
	list, err := trust.Open(j.List.Note, nil)
	if err != nil {
		return fmt.Errorf("%w: %w", trustlist.ErrNote, err)
	}
	if err := j.List.Complete(list, nil); err != nil {
		return err
	}
	for _, l := range list.Logs {
		_, ended := list.Retirement(l.Origin)
		if l.State == o.State && !ended && (o.Origin == "" || o.Origin == evidence.Origin(l.Origin)) {
			o.Origin = evidence.Origin(l.Origin)
			return nil
		}
	}
	return fmt.Errorf("a ledger of %s: %w", o.State, ErrNotListed)
}

// join pins the list at a desk that was just made.
func (s *Session) join(j *Joining) error {
	return s.Adopt(j.List.Note, j.List.Policies, slices.Collect(maps.Values(j.List.Certs)))
}

// Joined reports whether the desk logs at its state's node and has no ledger of its own.
func (h *Home) Joined() bool {
	_, err := os.Stat(h.path("keys", "ledger.age"))
	return h.Config.Node != "" && errors.Is(err, os.ErrNotExist)
}

// queues reports whether acts wait to be logged.
func (h *Home) queues() bool {
	queued, _ := h.Waiting()
	return queued > 0
}

// AuthorityFile is where the certificate of the desk's authority lies, in DER.
func (h *Home) AuthorityFile() string { return h.path("trust", "cert-"+h.Config.Authority+".der") }

// listed checks that a list has what this desk's acts rest on.
func (s *Session) listed(l *trust.List) error {
	if s.Joined() {
		if !slices.ContainsFunc(l.Logs, func(g trust.Log) bool { return g.State == s.Config.State && g.Origin == string(s.Config.Origin) }) {
			return fmt.Errorf("ledger of %s: %w", s.Config.State, ErrNotListed)
		}
		return nil
	}
	o, err := s.own()
	if err != nil {
		return err
	}
	return o.listed(l)
}

package node

import (
	"bytes"
	"errors"
	"net/http"
	"strconv"

	"example.org/custody/evidence"
	"example.org/custody/ledger/access"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/ledger/node/intake"
)

// sight says what the caller may see of an item, by custody or by a mandate.
func (n *Node) sight(a *asked, item evidence.ItemID) (intake.Sight, bool) {
	events := n.writing().Intake.Events(item)
	if len(events) > 0 && a.mandate.covers(item) {
		return intake.Sight{Upto: events[len(events)-1].Seq, Values: true}, true
	}
	return n.writing().Intake.Sees(a.who.Key, item)
}

// looks asks for a reason, and notes in the access log whether the caller was given
// what was asked for. Whoever may not have it learns no more than that it is not here.
func (n *Node) looks(a *asked, call, subject string, given bool) error {
	if a.reason == "" {
		return &trouble{code: "reason-needed"}
	}
	if err := n.look(a, call, subject, given); err != nil {
		return err
	}
	if !given {
		return &trouble{code: "not-found"}
	}
	return nil
}

// listItem lists the events of an item that the caller may see.
func (n *Node) listItem(w http.ResponseWriter, a *asked) error {
	h, err := pathHash(a, "item")
	if err != nil {
		return err
	}
	id := evidence.ItemID(h)
	s, ok := n.sight(a, id)
	if err := n.looks(a, access.Item, h.String(), ok); err != nil {
		return err
	}
	it := wire.Item{Item: id, Events: []wire.Listed{}}
	for _, k := range n.writing().Intake.Events(id) {
		if k.Seq <= s.Upto && !k.Erased {
			it.Events = append(it.Events, wire.Listed{Action: k.Action, Index: k.Index, Leaf: k.Leaf, Origin: k.Origin, Seq: k.Seq})
		}
	}
	return send(w, http.StatusOK, it)
}

// event sends one event as the caller may see it.
func (n *Node) event(w http.ResponseWriter, a *asked) error {
	h, err := pathHash(a, "leaf")
	if err != nil {
		return err
	}
	k, id, ok := n.writing().Intake.Find(h)
	var s intake.Sight
	if ok {
		s, ok = n.sight(a, id)
		ok = ok && k.Seq <= s.Upto && !k.Erased
	}
	if err := n.looks(a, access.Event, h.String(), ok); err != nil {
		return err
	}
	b, err := n.writing().Intake.Body(a.Context(), k)
	if err != nil {
		return err
	}
	e := wire.LoggedEvent{Envelope: b.Envelope, Format: wire.LoggedFormat, Index: k.Index, Record: b.Record, Salt: b.Salt, SealKey: b.SealKey}
	if !s.Values {
		if e.Record, err = namesOnly(b.Record); err != nil {
			return err
		}
	}
	if k.Origin == n.writing().Origin {
		r, err := n.writing().Intake.Receipt(a.Context(), k)
		if err != nil {
			return err
		}
		if r != nil {
			e.Receipt = string(r.Marshal())
		}
	}
	return send(w, http.StatusOK, e)
}

// namesOnly holds back the values of a record.
func namesOnly(raw []byte) ([]byte, error) {
	v, err := evidence.ParseView(raw)
	if err != nil {
		return nil, err
	}
	return evidence.Canonical(v.Withhold(func(evidence.ViewEntry) *evidence.Withholding {
		return &evidence.Withholding{Withheld: evidence.Withheld{Authority: "custodian", Code: evidence.ReasonScope, Review: "2100-01-01"}}
	}))
}

// leave keeps a handoff file for its receiver.
func (n *Node) leave(w http.ResponseWriter, a *asked) error {
	to, err := evidence.ParseHash(a.URL.Query().Get("to"))
	if err != nil {
		return &trouble{code: "form", detail: "?to= names the receiver's key id"}
	}
	if _, standing := n.writing().Intake.Caller(evidence.KeyID(to)); standing != intake.Good {
		return &trouble{code: "not-found", detail: "the receiver's key is not known here"}
	}
	if len(a.body) == 0 {
		return &trouble{code: "form", detail: "the file is empty"}
	}
	line, err := n.writing().Mailbox.Put(a.who.Key, evidence.KeyID(to), a.body)
	if errors.Is(err, errFull) {
		return &trouble{code: "full"}
	}
	if err != nil {
		return err
	}
	return send(w, http.StatusCreated, line)
}

// waiting lists the handoff files for the caller.
func (n *Node) waiting(w http.ResponseWriter, a *asked) error {
	return send(w, http.StatusOK, wire.Handoffs{Handoffs: n.writing().Mailbox.Waiting(a.who.Key)})
}

// fetch sends a handoff file to the key that it is for.
func (n *Node) fetch(w http.ResponseWriter, a *asked) error {
	id := a.PathValue("id")
	if !isID(id) {
		return &trouble{code: "not-found"}
	}
	content, ok, err := n.writing().Mailbox.Get(id, a.who.Key)
	if err != nil {
		return err
	}
	if err := n.look(a, access.Handoff, id, ok); err != nil {
		return err
	}
	if !ok {
		return &trouble{code: "not-found"}
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, err = w.Write(content)
	return sent(err)
}

func isID(s string) bool {
	return len(s) == 32 && len(bytes.Trim([]byte(s), "0123456789abcdef")) == 0
}

// taken removes a handoff file that its receiver has.
func (n *Node) taken(w http.ResponseWriter, a *asked) error {
	ok, err := n.writing().Mailbox.Remove(a.PathValue("id"), a.who.Key)
	if err != nil {
		return err
	}
	if !ok {
		return &trouble{code: "not-found"}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// accessLog sends the access log to an auditor whose mandate is for it.
func (n *Node) accessLog(w http.ResponseWriter, a *asked) error {
	from, err := strconv.ParseUint(a.URL.Query().Get("from"), 10, 53)
	if err != nil || from == 0 || strconv.FormatUint(from, 10) != a.URL.Query().Get("from") {
		return &trouble{code: "form", detail: "?from= is the number of a line, from 1"}
	}
	may := a.mandate != nil && a.mandate.Log
	if a.reason == "" {
		return &trouble{code: "reason-needed"}
	}
	if err := n.look(a, access.Log, "", may); err != nil {
		return err
	}
	if !may {
		return &trouble{code: "forbidden", detail: "a mandate for the access log is needed"}
	}
	b, err := n.writing().Access.From(from)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/jsonl")
	_, err = w.Write(b)
	return sent(err)
}

package contract

import (
	"fmt"
	"strconv"

	"example.org/custody/ledger/anchor"
	"example.org/custody/signing/trust"
)

// State is the channel's state as one transaction sees it. A Get does not see what
// the transaction has Put.
type State interface {
	// Get returns the value of a key, or nil when it has none.
	Get(key string) ([]byte, error)
	// Put writes a value that is not empty.
	Put(key string, value []byte) error
}

// The functions that write, and those that only read.
const (
	FuncAnchor   = "anchor"   // note, proof
	FuncAlarm    = "alarm"    // alarm
	FuncTrust    = "trust"    // signed list
	FuncStandard = "standard" // id/version, SHA-256 in hexadecimal

	FuncHead    = "head"    // origin → anchor
	FuncAdopted = "adopted" // → signed list
	FuncPack    = "pack"    // id/version → SHA-256 in hexadecimal
	FuncCaught  = "caught"  // origin → alarm
)

// Contract is the rules. First is the SHA-256 of the first trust list that this
// state's operator has pinned: it is the only one that may become the first adopted.
type Contract struct {
	First trust.Digest
}

// Transaction is what Fabric knows of the transaction in which a function runs.
type Transaction struct {
	ID        string // Fabric's id, 64 lower-case hexadecimal digits
	Submitter string // MSP id of the creator, which is the code of a state
}

// call is one transaction.
type call struct {
	Contract
	State
	id, submitter string
	args          [][]byte
}

var functions = map[string]struct {
	args int
	do   func(*call) ([]byte, error)
}{
	FuncAnchor:   {2, (*call).anchor},
	FuncAlarm:    {1, (*call).alarm},
	FuncTrust:    {1, (*call).trust},
	FuncStandard: {2, (*call).standard},
	FuncHead:     {1, (*call).head},
	FuncAdopted:  {0, (*call).adopted},
	FuncPack:     {1, (*call).pack},
	FuncCaught:   {1, (*call).caught},
}

// Invoke applies one transaction and returns what the function answers. Errors are
// [*RefusedError], or those of s: after either nothing may be endorsed.
func (c Contract) Invoke(s State, t Transaction, function string, args [][]byte) ([]byte, error) {
	f, ok := functions[function]
	if !ok || len(args) != f.args {
		return nil, refuse(Malformed, "no function %.40q of %d arguments", function, len(args))
	}
	return f.do(&call{c, s, t.ID, t.Submitter, args})
}

// list returns the adopted trust list, or nil.
func (c *call) list() (*trust.List, error) {
	v, err := c.Get(anchor.TrustKey)
	if err != nil || v == nil {
		return nil, err
	}
	n, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("version of the adopted trust list: %w", err)
	}
	b, err := c.Get(anchor.ListKey(n))
	if err != nil {
		return nil, err
	}
	l, err := trust.Open(b, nil)
	if err != nil {
		return nil, fmt.Errorf("adopted trust list %d: %w", n, err)
	}
	return l, nil
}

// member returns the adopted trust list, of which the submitter must be a state.
func (c *call) member() (*trust.List, error) {
	l, err := c.list()
	if err != nil {
		return nil, err
	}
	if l == nil {
		return nil, refuse(NotAdopted, "no trust list is adopted on this channel")
	}
	return l, c.among(l)
}

func (c *call) among(l *trust.List) error {
	for _, s := range l.States {
		if s.Code == c.submitter {
			return nil
		}
	}
	return refuse(Unlisted, "%.40q is no state of trust list %d", c.submitter, l.Version)
}

func (c *call) adopted() ([]byte, error) {
	l, err := c.list()
	if err == nil && l == nil {
		err = refuse(Absent, "no trust list is adopted on this channel")
	}
	if err != nil {
		return nil, err
	}
	return l.Note(), nil
}

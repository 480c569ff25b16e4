package anchor

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/ledger/witness"
	"example.org/custody/signing/trust"
)

// Kind says what a transaction writes (spec/anchor.md, "Anchor proof").
type Kind string

// The kinds of write sets.
const (
	Checkpoint Kind = "checkpoint" // a checkpoint is anchored
	Alarm      Kind = "alarm"      // a ledger's misbehaviour is recorded
	Trust      Kind = "trust"      // a vote for a trust list, or its adoption
	Standard   Kind = "standard"   // a vote for a standard, or its adoption
)

// Statement is what a transaction writes, by the exact write set.
type Statement struct {
	Kind   Kind
	Origin evidence.Origin   // Checkpoint, Alarm: the ledger
	Tree   ledger.Checkpoint // Checkpoint
	Anchor Anchored          // Checkpoint
	Alarm  *witness.Alarm    // Alarm; not verified, which takes the ledger's key
	First  bool              // Alarm: the first about that ledger

	Version int64        // Trust: of the list
	Name    string       // Standard: id/version
	State   string       // Trust, Standard: whose vote
	Digest  trust.Digest // Trust, Standard, Alarm: SHA-256 of list, pack, alarm
	Adopted bool         // Trust, Standard: this vote adopted it
	List    []byte       // Trust, when adopted: the signed list
}

// lifecycle is Fabric's namespace of chaincode definitions, which every transaction reads.
const lifecycle = "_lifecycle"

// readWrites returns the writes to the chaincode's namespace of a rwset.TxReadWriteSet,
// which must have no others.
func readWrites(results []byte, chaincode string) (map[string][]byte, error) {
	var spaces [][]byte
	if err := read(results, fields{2: &spaces}); err != nil {
		return nil, err
	}
	var own map[string][]byte
	for _, s := range spaces {
		var name, set []byte
		var private [][]byte
		if err := read(s, fields{1: &name, 2: &set, 3: &private}); err != nil {
			return nil, err
		}
		writes, err := readSet(set)
		switch {
		case err != nil:
			return nil, err
		case len(private) > 0:
			return nil, errors.New("it writes private data")
		case string(name) == chaincode && own == nil:
			own = writes
		case string(name) != lifecycle || len(writes) > 0:
			return nil, fmt.Errorf("it touches the namespace %.64q", name)
		}
	}
	return own, nil
}

// readSet returns the writes of a kvrwset.KVRWSet.
func readSet(b []byte) (map[string][]byte, error) {
	var list, metadata [][]byte
	if err := read(b, fields{3: &list, 4: &metadata}); err != nil {
		return nil, err
	}
	if len(metadata) > 0 {
		return nil, errors.New("it writes metadata")
	}
	writes := make(map[string][]byte)
	for _, w := range list {
		var key, value []byte
		var deleted uint64
		if err := read(w, fields{1: &key, 2: &deleted, 3: &value}); err != nil {
			return nil, err
		}
		if _, twice := writes[string(key)]; twice || deleted != 0 {
			return nil, fmt.Errorf("it deletes %.100q, or writes it twice", key)
		}
		writes[string(key)] = value
	}
	return writes, nil
}

// statement says what a write set is, or that it is none of those allowed.
func statement(writes map[string][]byte) (Statement, error) {
	for _, key := range slices.Sorted(maps.Keys(writes)) {
		kind, _, _ := strings.Cut(key, "/")
		of := map[string]func(key string, value []byte) (Statement, map[string][]byte, error){
			"checkpoint": ofCheckpoint, "alarm": ofAlarm, "trust-vote": ofTrust(writes), "standard-vote": ofStandard(writes),
		}[kind]
		if of == nil {
			continue
		}
		s, want, err := of(key, writes[key])
		if err != nil {
			return Statement{}, err
		}
		if s.Kind == Alarm && writes[CaughtKey(s.Origin)] != nil {
			s.First, want[CaughtKey(s.Origin)] = true, []byte(s.Digest.Hex())
		}
		if !maps.EqualFunc(want, writes, bytes.Equal) {
			return Statement{}, fmt.Errorf("it writes %q, which %s does not", slices.Sorted(maps.Keys(writes)), s.Kind)
		}
		return s, nil
	}
	return Statement{}, fmt.Errorf("it writes %q", slices.Sorted(maps.Keys(writes)))
}

func ofCheckpoint(key string, value []byte) (Statement, map[string][]byte, error) {
	a, tree, err := ParseAnchored(value)
	if err != nil {
		return Statement{}, nil, err
	}
	s := Statement{Kind: Checkpoint, Origin: tree.Origin, Tree: tree, Anchor: a, State: a.State}
	return s, map[string][]byte{
		CheckpointKey(tree.Origin, tree.Size): value,
		HeadKey(tree.Origin):                  strconv.AppendUint(nil, tree.Size, 10),
	}, nil
}

func ofAlarm(key string, value []byte) (Statement, map[string][]byte, error) {
	a, err := witness.ParseAlarm(value)
	if err != nil {
		return Statement{}, nil, err
	}
	s := Statement{Kind: Alarm, Alarm: &a, Digest: trust.DigestOf(value)}
	for _, n := range a.Notes {
		tree, err := ledger.ReadCheckpoint(n)
		if err != nil || s.Origin != "" && tree.Origin != s.Origin {
			return Statement{}, nil, fmt.Errorf("an alarm that is not of one ledger: %w", errors.Join(err, ErrAnchored))
		}
		s.Origin = tree.Origin
	}
	return s, map[string][]byte{AlarmKey(s.Origin, s.Digest): value}, nil
}

func ofTrust(writes map[string][]byte) func(string, []byte) (Statement, map[string][]byte, error) {
	return func(key string, value []byte) (Statement, map[string][]byte, error) {
		s, err := vote(key, value, Trust)
		if err != nil {
			return s, nil, err
		}
		number, state, _ := strings.Cut(s.Name, "/")
		if s.Version, err = strconv.ParseInt(number, 10, 64); err != nil {
			return s, nil, err
		}
		s.Name, s.State = "", state
		want := map[string][]byte{ListVoteKey(s.Version, s.State): value}
		if list := writes[ListKey(s.Version)]; list != nil {
			s.Adopted, s.List = true, list
			want[ListKey(s.Version)], want[TrustKey] = list, strconv.AppendInt(nil, s.Version, 10)
			if trust.DigestOf(list) != s.Digest {
				return s, nil, errors.New("it adopts another list than it votes for")
			}
		}
		return s, want, nil
	}
}

func ofStandard(writes map[string][]byte) func(string, []byte) (Statement, map[string][]byte, error) {
	return func(key string, value []byte) (Statement, map[string][]byte, error) {
		s, err := vote(key, value, Standard)
		if err != nil {
			return s, nil, err
		}
		i := strings.LastIndexByte(s.Name, '/')
		if i < 0 {
			return s, nil, fmt.Errorf("key %.100q", key)
		}
		s.Name, s.State = s.Name[:i], s.Name[i+1:]
		want := map[string][]byte{PackVoteKey(s.Name, s.State): value}
		if writes[PackKey(s.Name)] != nil {
			s.Adopted, want[PackKey(s.Name)] = true, value
		}
		return s, want, nil
	}
}

// vote reads a key <kind>-vote/<name> and its digest.
func vote(key string, value []byte, k Kind) (Statement, error) {
	d, err := trust.ParseDigest("sha256:" + string(value))
	_, name, _ := strings.Cut(key, "/")
	return Statement{Kind: k, Name: name, Digest: d}, err
}

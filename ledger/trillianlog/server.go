package trillianlog

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/google/trillian"
	"github.com/google/trillian/types"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"example.org/custody/evidence"
	"example.org/custody/ledger"
)

// patience is how long a server may take for an answer, unless [Options] say otherwise.
const patience = 10 * time.Second

const (
	// eachLeaf is how long it may take for each leaf besides where they are taken singly.
	eachLeaf = 10 * time.Millisecond
	// mostForLeaves is how long it may take for all leaves of a batch besides.
	mostForLeaves = 50 * time.Second
)

// server is a Trillian log server.
type server struct {
	conn     *grpc.ClientConn
	log      trillian.TrillianLogClient
	admin    trillian.TrillianAdminClient
	patience time.Duration
	singly   bool // the database takes a batch leaf by leaf
}

// connect makes a client of the log server, which need not be up yet. Beyond loopback it
// speaks TLS.
func connect(address string, patience time.Duration) (*server, error) {
	creds := credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12})
	if local(address) {
		creds = insecure.NewCredentials()
	}
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(creds), grpc.WithDisableServiceConfig(), grpc.WithDisableRetry())
	if err != nil {
		return nil, fmt.Errorf("address of the Trillian log server: %w: %w", err, ErrConfig)
	}
	return &server{conn: conn, log: trillian.NewTrillianLogClient(conn), admin: trillian.NewTrillianAdminClient(conn), patience: patience}, nil
}

func (s *server) close() error { return s.conn.Close() }

// maxRootDuration is how often Trillian renews its own root when nothing is appended.
const maxRootDuration = time.Hour

// create makes a tree and returns its id.
func (s *server) create(ctx context.Context) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	t, err := s.admin.CreateTree(ctx, &trillian.CreateTreeRequest{Tree: &trillian.Tree{
		TreeState: trillian.TreeState_ACTIVE, TreeType: trillian.TreeType_PREORDERED_LOG,
		DisplayName: "custody", MaxRootDuration: durationpb.New(maxRootDuration),
	}})
	if err == nil {
		_, err = s.log.InitLog(ctx, &trillian.InitLogRequest{LogId: t.GetTreeId()})
	}
	return t.GetTreeId(), inServer(err)
}

// check reports [ErrConfig] unless the tree is what create makes and takes leaves.
func (s *server) check(ctx context.Context, tree int64) error {
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	t, err := s.admin.GetTree(ctx, &trillian.GetTreeRequest{TreeId: tree})
	switch {
	case status.Code(err) == codes.NotFound:
		return fmt.Errorf("tree %d is not there: %w", tree, ErrConfig)
	case err != nil:
		return inServer(err)
	case t.GetTreeType() != trillian.TreeType_PREORDERED_LOG || t.GetTreeState() != trillian.TreeState_ACTIVE || t.GetDeleted():
		return fmt.Errorf("tree %d is %v, %v, deleted: %v: %w", tree, t.GetTreeType(), t.GetTreeState(), t.GetDeleted(), ErrConfig)
	}
	return nil
}

// refusal begins what the guards of guard.sql say when they refuse a batch. Trillian hands
// on an error of the database as text alone.
const (
	refusal       = "custody: "
	refusalUnsafe = refusal + "unsafe: "
	refusalEnded  = refusal + "ended: "
)

// refused returns what a guard has said, and nil when none has.
func refused(message string) error {
	switch {
	case strings.Contains(message, refusalUnsafe):
		return ErrUnsafe
	case strings.Contains(message, refusalEnded):
		return ledger.ErrEndedByNode
	case strings.Contains(message, refusal):
		return errRefused
	}
	return nil
}

// longest is how long the server may take for a batch of so many leaves.
func (s *server) longest(leaves int) time.Duration {
	if !s.singly {
		return s.patience
	}
	return s.patience + min(time.Duration(leaves)*eachLeaf, mostForLeaves)
}

// add appends leaves at index first, all or none. [errRefused]: none, because a seal or
// an index is taken. [errDeadlock]: none, and asked again it may take them. [ErrUnsafe], [ledger.ErrEndedByNode]: none either. [ledger.ErrOpen]: none
// or all, and they may be yet: the log server goes on without whoever asked it, and so does a
// commit in the database.
func (s *server) add(ctx context.Context, tree int64, first uint64, leaves []ledger.Leaf) error {
	wait, begins := s.longest(len(leaves)), []byte(nil)
	if s.singly {
		begins = binary.BigEndian.AppendUint64(nil, first) // for the guard
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	req := &trillian.AddSequencedLeavesRequest{LogId: tree, Leaves: make([]*trillian.LogLeaf, len(leaves))}
	for i := range leaves {
		index := first + uint64(i)
		id := identity(leaves[i], index)
		req.Leaves[i] = &trillian.LogLeaf{LeafValue: leaves[i][:], LeafIdentityHash: id[:], LeafIndex: int64(index), ExtraData: begins}
	}
	resp, err := s.log.AddSequencedLeaves(ctx, req)
	if why := refused(status.Convert(err).Message()); why != nil {
		return fmt.Errorf("%w: %w", why, err)
	}
	switch {
	case status.Code(err) == codes.Aborted: // Trillian's word for a deadlock, and for nothing else
		return fmt.Errorf("%w: %w", errDeadlock, inServer(err))
	case err != nil:
		return fmt.Errorf("%w: %w", ledger.ErrOpen, inServer(err))
	}
	for i, r := range resp.GetResults() {
		if code := codes.Code(r.GetStatus().GetCode()); code != codes.OK {
			// The guard of the database lets no batch in of which a leaf is refused.
			return fmt.Errorf("leaf %d was refused alone (%v): %w: %w", first+uint64(i), code, ErrConfig, ledger.ErrFatal)
		}
	}
	return nil
}

// root returns the size and the root of Trillian's own tree.
func (s *server) root(ctx context.Context, tree int64) (uint64, evidence.Hash, error) {
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	resp, err := s.log.GetLatestSignedLogRoot(ctx, &trillian.GetLatestSignedLogRootRequest{LogId: tree})
	if err != nil {
		return 0, evidence.Hash{}, inServer(err)
	}
	var r types.LogRootV1
	if err := r.UnmarshalBinary(resp.GetSignedLogRoot().GetLogRoot()); err != nil {
		return 0, evidence.Hash{}, inServer(err)
	}
	// Over PostgreSQL, v1.8.0 answers an error of the database with an empty root.
	if len(r.RootHash) != len(evidence.Hash{}) {
		return 0, evidence.Hash{}, fmt.Errorf("a root of %d bytes: %w", len(r.RootHash), ErrServer)
	}
	return r.TreeSize, evidence.Hash(r.RootHash), nil
}

// inServer makes [ErrServer] of an error.
func inServer(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrServer, err)
}

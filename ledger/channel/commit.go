package channel

import (
	"errors"
	"fmt"
	"sync/atomic"

	"example.org/custody/ledger/channel/contract"
	"github.com/hyperledger/fabric-sdk-go/pkg/client/channel/invoke"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/errors/status"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/providers/fab"
)

// What keeps a transaction that peers of enough states have endorsed. It may be committed
// all the same, later.
var (
	// ErrUnordered reports that no orderer has said that it takes the transaction.
	ErrUnordered = errors.New("peers of enough states endorse, and no orderer says that it takes the transaction")
	// ErrUnseen reports that an orderer has said so, and that no block with it has come from
	// the peer which is listened to.
	ErrUnseen = errors.New("an orderer has taken the transaction, and no block with it has come")
)

// stage is how far a transaction has come.
type stage int32

const (
	endorsing  stage = iota
	ordering         // peers of enough states have endorsed
	committing       // an orderer has taken it
)

// progress is the stage of one transaction, read when the SDK gives it up.
type progress struct{ at atomic.Int32 }

func (p *progress) is(s stage) { p.at.Store(int32(s)) }

// commit is a handler of the SDK that has the orderers and the peers do what was endorsed,
// and says how far that has come.
type commit struct{ *progress }

// Handle implements [invoke.Handler].
func (c commit) Handle(r *invoke.RequestContext, with *invoke.ClientContext) {
	watched := *with
	watched.Transactor = sender{with.Transactor, c.progress}
	invoke.NewCommitHandler().Handle(r, &watched)
}

// sender is a transactor of the SDK that says when it asks orderers.
type sender struct {
	fab.Transactor
	*progress
}

// SendTransaction implements [fab.Sender].
func (s sender) SendTransaction(t *fab.Transaction) (*fab.TransactionResponse, error) {
	s.is(ordering)
	r, err := s.Transactor.SendTransaction(t)
	if err == nil {
		s.is(committing)
	}
	return r, err
}

// failed is the error of a transaction with what it waited for in words. What the rules
// and the peers have answered says so itself.
func (p *progress) failed(err error) error {
	var refused *contract.RefusedError
	if errors.As(err, &refused) {
		return err
	}
	s, ok := status.FromError(err)
	late := ok && s.Group == status.ClientStatus && s.Code == status.Timeout.ToInt32()
	switch at := stage(p.at.Load()); {
	case at == ordering:
		return fmt.Errorf("%w: %w", ErrUnordered, heard(err))
	case at == committing && late:
		return fmt.Errorf("%w: %w", ErrUnseen, heard(err))
	}
	return err
}

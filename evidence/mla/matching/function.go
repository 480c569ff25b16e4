package matching

import (
	"crypto/sha256"
	"fmt"
	"io"
	"runtime"

	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/oprf"
	"github.com/cloudflare/circl/zk/dleq"
	"golang.org/x/sync/errgroup"

	"example.org/custody/evidence"
)

// Sizes (spec/matching.md, "Session").
const (
	// BlockSize is the number of elements that one proof is about; what one side compares
	// is filled up to whole blocks.
	BlockSize = 1024
	maxBlocks = 16
	// MaxIdentifiers is the largest number of identifiers that one side compares.
	MaxIdentifiers = maxBlocks * BlockSize

	elementSize = 32
	proofSize   = 64
	valueSize   = 64 // of the pseudo-random function
	dummySize   = 32
)

// suite is ristretto255-SHA512 (RFC 9497, 4.1).
var suite = oprf.SuiteRistretto255

// side is what one side of a session has of its own: a key, inputs and their blinds, in
// blocks that are full.
type side struct {
	session Session
	key     *oprf.PrivateKey
	ids     []Identifier // the first inputs are of these, without one twice
	inputs  [][]byte
	blinds  []group.Scalar
}

// newSide draws what a side needs.
func newSide(random io.Reader, s Session, ids []Identifier) (*side, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	out := &side{session: s}
	seen := map[Identifier]bool{}
	for _, id := range ids {
		if err := id.Check(); err != nil {
			return nil, err
		}
		if !seen[id] {
			seen[id] = true
			out.ids = append(out.ids, id)
			out.inputs = append(out.inputs, id.input(s.Purpose))
		}
	}
	if len(out.ids) > MaxIdentifiers {
		return nil, fmt.Errorf("%d: %w", len(out.ids), ErrCount)
	}
	for len(out.inputs) == 0 || len(out.inputs)%BlockSize != 0 {
		dummy := make([]byte, dummySize) // shorter than any input of an identifier
		if _, err := io.ReadFull(random, dummy); err != nil {
			return nil, err
		}
		out.inputs = append(out.inputs, dummy)
	}
	for range out.inputs {
		out.blinds = append(out.blinds, suite.Group().RandomNonZeroScalar(random))
	}
	key, err := oprf.GenerateKey(suite, random)
	if err != nil {
		return nil, err
	}
	out.setKey(key)
	return out, nil
}

// setKey sets the key once its public part is computed: a key computes it when it is first
// asked for, and blocks, which are worked on at once, all ask.
func (s *side) setKey(k *oprf.PrivateKey) {
	k.Public()
	s.key = k
}

func (s *side) blocks() int { return len(s.inputs) / BlockSize }

// blinded returns the elements that the other side evaluates.
func (s *side) blinded() ([]byte, error) {
	out := make([]byte, s.blocks()*BlockSize*elementSize)
	return out, perBlock(s.blocks(), func(n int) error {
		_, request, err := s.blind(n)
		if err != nil {
			return err
		}
		return putElements(out[n*BlockSize*elementSize:], request.Elements)
	})
}

// blind blinds block n, in the same way each time.
func (s *side) blind(n int) (*oprf.FinalizeData, *oprf.EvaluationRequest, error) {
	from, to := n*BlockSize, (n+1)*BlockSize
	return oprf.NewVerifiableClient(suite, s.key.Public()).DeterministicBlind(s.inputs[from:to], s.blinds[from:to])
}

// evaluate returns the other side's elements evaluated with the key of this one, block by
// block, each with its proof. Error: [ErrMessage].
func (s *side) evaluate(theirs []byte) ([]byte, error) {
	blocks := len(theirs) / (BlockSize * elementSize)
	const one = BlockSize*elementSize + proofSize
	out := make([]byte, blocks*one)
	return out, perBlock(blocks, func(n int) error {
		elements, err := getElements(theirs[n*BlockSize*elementSize:])
		if err != nil {
			return err
		}
		e, err := oprf.NewVerifiableServer(suite, s.key).Evaluate(&oprf.EvaluationRequest{Elements: elements})
		if err != nil {
			return err
		}
		proof, err := e.Proof.MarshalBinary()
		if err != nil {
			return err
		}
		copy(out[(n+1)*one-proofSize:], proof)
		return putElements(out[n*one:], e.Elements)
	})
}

// values returns, for each identifier of this side, the function under the other side's
// key, from what the other side has evaluated. Errors: [ErrMessage], [ErrProof].
func (s *side) values(evaluated []byte, theirs *oprf.PublicKey) ([][]byte, error) {
	const one = BlockSize*elementSize + proofSize
	if len(evaluated) != s.blocks()*one {
		return nil, ErrMessage
	}
	out := make([][]byte, len(s.inputs))
	err := perBlock(s.blocks(), func(n int) error {
		b := evaluated[n*one : (n+1)*one]
		elements, err := getElements(b)
		if err != nil {
			return err
		}
		proof := new(dleq.Proof)
		if err := proof.UnmarshalBinary(suite.Group(), b[one-proofSize:]); err != nil {
			return fmt.Errorf("a proof: %w: %w", err, ErrMessage)
		}
		blinded, _, err := s.blind(n)
		if err != nil {
			return err
		}
		values, err := oprf.NewVerifiableClient(suite, theirs).Finalize(blinded, &oprf.Evaluation{Elements: elements, Proof: proof})
		if err != nil {
			return fmt.Errorf("%w: %w", err, ErrProof)
		}
		copy(out[n*BlockSize:], values)
		return nil
	})
	return out, err
}

// secret is what both sides know of an identifier that both have.
type secret struct{ token, claim evidence.Hash }

// secrets returns the secret of each input, random ones included. asking tells whether
// this is the asking side, whose value comes first.
func (s *side) secrets(theirs [][]byte, asking bool) ([]secret, error) {
	out := make([]secret, len(s.inputs))
	return out, perBlock(s.blocks(), func(n int) error {
		server := oprf.NewVerifiableServer(suite, s.key)
		for i := n * BlockSize; i < (n+1)*BlockSize; i++ {
			mine, err := server.FullEvaluate(s.inputs[i])
			if err != nil {
				return err
			}
			both := [2][]byte{theirs[i], mine}
			if asking {
				both = [2][]byte{mine, theirs[i]}
			}
			out[i] = secret{s.digest("custody/match/token/v1", both), s.digest("custody/match/claim/v1", both)}
		}
		return nil
	})
}

func (s *side) digest(what string, values [2][]byte) evidence.Hash {
	b := append([]byte(what), s.session.ID[:]...)
	return sha256.Sum256(append(append(b, values[0]...), values[1]...))
}

// perBlock does something with each block, on all cores.
func perBlock(blocks int, do func(n int) error) error {
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for n := range blocks {
		g.Go(func() error { return do(n) })
	}
	return g.Wait()
}

// putElements writes elements one behind the other.
func putElements(to []byte, elements []group.Element) error {
	for i, e := range elements {
		b, err := e.MarshalBinaryCompress()
		if err != nil {
			return err
		}
		copy(to[i*elementSize:], b)
	}
	return nil
}

// getElements reads a block. Error: [ErrMessage].
func getElements(b []byte) ([]group.Element, error) {
	out := make([]group.Element, BlockSize)
	for i := range out {
		out[i] = suite.Group().NewElement()
		if err := out[i].UnmarshalBinary(b[i*elementSize : (i+1)*elementSize]); err != nil || out[i].IsIdentity() {
			return nil, fmt.Errorf("element %d of a block: %w", i, ErrMessage)
		}
	}
	return out, nil
}

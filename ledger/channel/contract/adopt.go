package contract

import (
	"errors"
	"strconv"
	"strings"

	"example.org/custody/ledger/anchor"
	"example.org/custody/signing/trust"
)

// trust is a state's vote for the next version of the trust list.
func (c *call) trust() ([]byte, error) {
	b := c.args[0]
	have, err := c.list()
	if err != nil {
		return nil, err
	}
	next, err := trust.Open(b, have)
	switch {
	case have != nil && have.Digest() == trust.DigestOf(b):
		return nil, refuse(Already, "trust list %d is adopted", have.Version)
	case errors.Is(err, trust.ErrChain):
		return nil, refuse(NotAdopted, "%w", err)
	case err != nil:
		return nil, refuse(Malformed, "%w", err)
	case have == nil && next.Digest() != c.First:
		return nil, refuse(NotAdopted, "the first trust list of this channel is %s, not %s", c.First, next.Digest())
	}
	voters := have
	if have == nil {
		voters = next
	}
	digest := []byte(next.Digest().Hex())
	key := func(state string) string { return anchor.ListVoteKey(next.Version, state) }
	adopted, err := c.vote(voters, key, digest)
	if err == nil && adopted {
		err = errors.Join(c.Put(anchor.ListKey(next.Version), b), c.Put(anchor.TrustKey, strconv.AppendInt(nil, next.Version, 10)))
	}
	return digest, err
}

// standard is a state's vote for one version of a rule pack.
func (c *call) standard() ([]byte, error) {
	name, digest := string(c.args[0]), c.args[1]
	id, version, ok := strings.Cut(name, "/")
	if !ok || !isName(id) || !isName(version) {
		return nil, refuse(Malformed, "%.80q is not id/version", name)
	}
	if _, err := trust.ParseDigest("sha256:" + string(digest)); err != nil {
		return nil, refuse(Malformed, "%w", err)
	}
	l, err := c.member()
	if err != nil {
		return nil, err
	}
	have, err := c.Get(anchor.PackKey(name))
	if err != nil {
		return nil, err
	}
	if have != nil {
		return nil, refuse(Already, "standard %s is adopted as %s", name, have)
	}
	adopted, err := c.vote(l, func(state string) string { return anchor.PackVoteKey(name, state) }, digest)
	if err == nil && adopted {
		err = c.Put(anchor.PackKey(name), digest)
	}
	return digest, err
}

// vote writes the submitter's vote and reports whether the digest has enough of them:
// more than half of the list's states, and as many as must sign its next list.
func (c *call) vote(l *trust.List, key func(state string) string, digest []byte) (bool, error) {
	if err := c.among(l); err != nil {
		return false, err
	}
	votes := 1
	for _, s := range l.States {
		v, err := c.Get(key(s.Code))
		switch {
		case err != nil:
			return false, err
		case s.Code == c.submitter && string(v) == string(digest):
			return false, refuse(Already, "%s has voted for %s", s.Code, digest)
		case s.Code != c.submitter && string(v) == string(digest):
			votes++
		}
	}
	return votes >= max(l.Signers, len(l.States)/2+1), c.Put(key(c.submitter), digest)
}

// pack answers with the digest of an adopted standard.
func (c *call) pack() ([]byte, error) {
	v, err := c.Get(anchor.PackKey(string(c.args[0])))
	if err == nil && v == nil {
		err = refuse(Absent, "no standard %.80q is adopted", c.args[0])
	}
	return v, err
}

// isName accepts 1 to 40 letters, digits, '.', '_' and '-'.
func isName(s string) bool {
	return s != "" && len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == ""
}

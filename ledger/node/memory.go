package node

import (
	"io"
	"net/http"
	"net/netip"
	"regexp"
	"sync"
	"time"

	"example.org/custody/evidence"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/ledger/node/intake"
)

// How many bytes of bodies are held at once: in all, of one client, and of those who
// introduce themselves, whom nobody knows yet.
const (
	mostMemory   = 256 << 20
	mostOfOne    = 64 << 20
	mostStranger = 16 << 20
	// mostOfStranger is what one client may hold of that.
	mostOfStranger = 2 << 20
)

// firstRead is what is held for a body of which nothing has come. It doubles with what
// comes, so that nobody holds more than a little by sending nothing.
const firstRead = 4 << 10

// strangerTime is how long the body of somebody unknown may take.
const strangerTime = 5 * time.Second

// memory counts the bytes of bodies under way.
type memory struct {
	mu               sync.Mutex
	all, ofStrangers int64
	clients          map[netip.Addr]int64
}

// take takes n bytes for a client, and returns what gives them back.
func (m *memory) take(who netip.Addr, n int64, stranger bool) (free func(), ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.clients == nil {
		m.clients = map[netip.Addr]int64{}
	}
	mine := m.clients[who] + n
	if m.all+n > mostMemory || mine > mostOfOne || stranger && (m.ofStrangers+n > mostStranger || mine > mostOfStranger) {
		return nil, false
	}
	m.add(who, n, stranger)
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.add(who, -n, stranger)
	}, true
}

func (m *memory) add(who netip.Addr, n int64, stranger bool) {
	m.all += n
	if m.clients[who] += n; m.clients[who] == 0 {
		delete(m.clients, who)
	}
	if stranger {
		m.ofStrangers += n
	}
}

// readStranger reads the body of a request whose sender nobody knows yet. Memory is
// taken as it comes; free gives it back, also after an error.
func (n *Node) readStranger(w http.ResponseWriter, r *http.Request, limit int64) (body []byte, free func(), err error) {
	who, held := clientOf(r.RemoteAddr), []func(){}
	free = func() {
		for _, f := range held {
			f()
		}
	}
	if r.ContentLength > limit {
		return nil, free, &trouble{code: "too-large"}
	}
	// One that has no deadlines is none that a stranger reaches.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(strangerTime))
	in := http.MaxBytesReader(w, r.Body, limit)
	for room := int64(firstRead); ; room *= 2 {
		f, ok := n.memory.take(who, room, true)
		if !ok {
			return nil, free, &trouble{code: "busy"}
		}
		held = append(held, f)
		more, err := io.ReadAll(io.LimitReader(in, room))
		body = append(body, more...)
		switch {
		case err != nil:
			return nil, free, bodyError(err)
		case int64(len(more)) < room:
			return body, free, nil
		}
	}
}

var claimed = regexp.MustCompile(`;keyid="([0-9a-f]{64})"`)

// claims looks at the key that a request says it is signed by, before its body is read:
// nobody unknown has one read.
func (n *Node) claims(r *http.Request) error {
	found := claimed.FindStringSubmatch(r.Header.Get(client.InputHeader))
	if found == nil {
		return &trouble{code: "signature", detail: "it names no key"}
	}
	id, err := evidence.ParseHash(found[1])
	if err != nil {
		return &trouble{code: "signature", detail: "it names no key"}
	}
	switch _, standing := n.writing().Intake.Caller(evidence.KeyID(id)); standing {
	case intake.Revoked:
		return &trouble{code: "key-revoked"}
	case intake.Unknown:
		return &trouble{code: wire.CodeKeyUnknown}
	}
	return nil
}

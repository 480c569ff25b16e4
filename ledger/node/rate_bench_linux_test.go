package node

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"filippo.io/age"
	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/ledger"
	"example.org/custody/ledger/client"
	"example.org/custody/ledger/client/wire"
	"example.org/custody/ledger/closed"
	"example.org/custody/ledger/feeder"
	"example.org/custody/ledger/ledgertest"
	"example.org/custody/ledger/node/bodies"
	"example.org/custody/ledger/node/intake"
	"example.org/custody/ledger/tesseralog"
	"example.org/custody/ledger/witness"
	"example.org/custody/ledger/writer"
	"example.org/custody/verify/verifytest"
)

// inFlight is how many events are on their way at once: few enough that a median within two
// intervals of 250 ms is possible at all at the rate asked for.
const inFlight = 256

// busyNode is a node on a real file system whose checkpoints two witnesses, nodes of
// other states with states on disk, cosign over loopback HTTP.
type busyNode struct {
	b      *testing.B
	w      *verifytest.World
	url    string
	log    *tesseralog.Log
	book   *writer.Writer
	dir    string
	rounds atomic.Int64 // checkpoints cosigned by both
	client *http.Client
}

func newBusyNode(b *testing.B) *busyNode {
	b.Helper()
	n := &busyNode{b: b, w: verifytest.New(verifytest.Config{}), dir: ledgertest.Folder(b)}
	origin := n.w.State("AA").Log.Origin
	skey, vkey, err := note.GenerateKey(nil, string(origin))
	if err != nil {
		b.Fatal(err)
	}
	signer, verifier := must[note.Signer](b)(note.NewSigner(skey)), must[note.Verifier](b)(note.NewVerifier(vkey))
	at := filepath.Join(n.dir, "ledger")
	if err := tesseralog.Create(b.Context(), at, signer); err != nil {
		b.Fatal(err)
	}
	n.log = must[*tesseralog.Log](b)(tesseralog.Open(b.Context(), at, signer))
	seals := must[*closed.Map](b)(closed.Create(filepath.Join(n.dir, "closed.map"), origin))
	f := feeder.Config{Log: n.log, Origin: origin, Verifier: verifier}
	var known []note.Verifier
	for _, state := range []string{"BB", "CC"} {
		peer, key := n.witness(state, origin, verifier)
		f.Peers, known = append(f.Peers, peer), append(known, key)
	}
	f.Known = note.VerifierList(known...)
	f.Enough = func(signed []byte) bool {
		found, err := ledger.Cosignatures(signed, f.Known)
		return err == nil && len(found) == len(known)
	}
	n.book = must[*writer.Writer](b)(writer.Open(b.Context(), writer.Config{
		Log: n.log, Map: seals, Key: signer, Verifier: verifier, Feeder: counted{feeder.New(f), &n.rounds}, Enough: f.Enough,
	}))
	b.Cleanup(func() { n.book.Close() })
	n.serve(origin)
	n.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: inFlight, MaxConnsPerHost: inFlight}}
	return n
}

// counted counts the rounds in which all have cosigned.
type counted struct {
	*feeder.Feeder
	n *atomic.Int64
}

// Gather implements [writer.Feeder].
func (c counted) Gather(ctx context.Context, t ledger.Checkpoint, signed []byte) ([]byte, error) {
	out, err := c.Feeder.Gather(ctx, t, signed)
	if err == nil {
		c.n.Add(1)
	}
	return out, err
}

// witness serves the witness of another state.
func (n *busyNode) witness(state string, o evidence.Origin, log note.Verifier) (feeder.Peer, note.Verifier) {
	n.b.Helper()
	skey, vkey, err := note.GenerateKey(nil, state+"-witness")
	if err != nil {
		n.b.Fatal(err)
	}
	kept := must[*witness.Folder](n.b)(witness.NewFolder(filepath.Join(n.dir, state)))
	w := must[*witness.Witness](n.b)(witness.New(witness.Config{
		Signers: []note.Signer{must[*fnote.Signer](n.b)(fnote.NewSignerForCosignatureV1(skey))}, State: kept,
		Logs: func(evidence.Origin) []note.Verifier { return []note.Verifier{log} },
	}))
	url := n.listen(must[*Node](n.b)(New(Config{
		Tiles: n.dir, Witness: w, Log: slog.New(slog.DiscardHandler), Limits: unlimited(),
		Followed: func() ([]evidence.Origin, error) { return []evidence.Origin{o}, nil },
	})))
	c := must[*client.Node](n.b)(client.New(url, nil))
	n.b.Cleanup(func() { c.Close() })
	return feeder.Peer{State: state, Cosigner: c.Cosigner(client.Witness, log)}, must[note.Verifier](n.b)(fnote.NewVerifierForCosignatureV1(vkey))
}

func unlimited() Limits {
	l := DefaultLimits
	l.Posts, l.PostBurst = 1e6, 1e6
	return l
}

func (n *busyNode) serve(origin evidence.Origin) {
	n.b.Helper()
	id := must[*age.X25519Identity](n.b)(age.GenerateX25519Identity())
	recovery := must[*age.X25519Identity](n.b)(age.GenerateX25519Identity())
	for _, d := range []string{"bodies", "handoffs"} {
		if err := os.Mkdir(filepath.Join(n.dir, d), 0o700); err != nil {
			n.b.Fatal(err)
		}
	}
	kept := must[*bodies.Store](n.b)(bodies.Open(filepath.Join(n.dir, "bodies"), bodies.Options{Identity: id, Recipients: []age.Recipient{id.Recipient(), recovery.Recipient()}}))
	now := func() time.Time { return n.w.Now }
	pin := must[*intake.Pinned](n.b)(intake.NewPinned(n.w.Trust()))
	pinned := func() (*intake.Pinned, error) { return pin, nil }
	in := must[*intake.Intake](n.b)(intake.Open(n.b.Context(), intake.Config{Origin: origin, State: "AA", Writer: n.book, Bodies: kept, Now: now, Pinned: pinned}))
	access := must[*AccessLog](n.b)(OpenAccessLog(filepath.Join(n.dir, "access.jsonl"), durable.Files{}))
	box := must[*Mailbox](n.b)(OpenMailbox(filepath.Join(n.dir, "handoffs"), durable.Files{}, now))
	served := must[*Node](n.b)(New(Config{
		Tiles: tesseralog.TilesDir(filepath.Join(n.dir, "ledger")), Log: slog.New(slog.DiscardHandler), Limits: unlimited(),
		Followed: func() ([]evidence.Origin, error) { return nil, nil },
		Takes:    true,
	}))
	served.Begin(&Writing{Origin: origin, State: "AA", Intake: in, Writer: n.book, Latest: n.book.Latest, Pinned: pinned, Access: access, Mailbox: box, Now: now, Every: time.Hour}, nil)
	n.url = n.listen(served)
	n.b.Cleanup(func() { access.Close(); kept.Close() })
}

func (n *busyNode) listen(h http.Handler) string {
	n.b.Helper()
	l := must[net.Listener](n.b)(net.Listen("tcp", "127.0.0.1:0"))
	s := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	go s.Serve(l)
	n.b.Cleanup(func() { s.Close() })
	return "http://" + l.Addr().String()
}

// send submits events in one signed request, each of which must be logged with a receipt.
func (n *busyNode) send(by *verifytest.Officer, body []byte, events int) error {
	r, err := http.NewRequestWithContext(n.b.Context(), http.MethodPost, n.url+"/v1/events", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(client.LedgerHeader, string(n.w.State("AA").Log.Origin))
	if err := client.Sign(n.b.Context(), r, body, by.Key(), n.w.Now); err != nil {
		return err
	}
	resp, err := n.client.Do(r)
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	got, err := wire.ParseSubmitted(answer, events)
	if err != nil {
		return fmt.Errorf("%d %.300s: %w", resp.StatusCode, answer, err)
	}
	for _, x := range got.Results {
		if x.Status != wire.Logged || strings.Count(x.Receipt, "\u2014 ") != 3 {
			return fmt.Errorf("%+v", x)
		}
	}
	return nil
}

// bodies returns requests with so many pre-signed events each, and the bytes of an event.
func (n *busyNode) bodies(by *verifytest.Officer, requests, each int) (all [][]byte, size int) {
	n.b.Helper()
	note := strings.Repeat("x", 700)
	for range requests {
		s := &wire.Submission{}
		for range each {
			e := by.Collect(verifytest.Record{Fields: map[string]any{"description": note}}).Events[0]
			raw := must[[]byte](n.b)(evidence.Canonical(e.Record.View(nil)))
			s.Events = append(s.Events, wire.Event{Envelope: e.Envelope, Leaf: wire.HexLeaf(e.Leaf), Record: raw, Salt: e.Salt, SealKey: evidence.Hash(e.SealKey)})
			size = len(e.Envelope) + len(raw)
		}
		all = append(all, must[[]byte](n.b)(s.Marshal()))
	}
	return all, size
}

// BenchmarkWitnessed is the whole way of an event into a node: a signed request over
// loopback HTTP, the rule, the durable body, the log, a checkpoint that two witnesses
// cosign over loopback HTTP, the receipt. Generator and witnesses are on the same cores.
// Beside it, in the same run: the engine alone, and verifying one P-256 signature
// over an event's bytes, which each event and each request needs at least; on a busy
// machine the times on the cores are the ones to compare. Where an event's time on the cores
// goes is told by stage.
//
// The bounds: 1,000 events a second, better 2,000; receipts at the median within two
// batch intervals of at most 250 ms.
func BenchmarkWitnessed(b *testing.B) {
	events := 16384
	if testing.Short() {
		events = 4096
	}
	for _, each := range []int{1, 16} {
		b.Run(fmt.Sprintf("of %d", each), func(b *testing.B) {
			for range b.N {
				n := newBusyNode(b)
				ann := n.w.State("AA").Enrol(evidence.RoleCollector)
				enrolment := must[[]byte](b)((&wire.Submission{Events: []wire.Event{n.event(ann.Enrolment.Events[0])}}).Marshal())
				if err := n.send(n.w.State("AA").Authority, enrolment, 1); err != nil {
					b.Fatal(err)
				}
				all, size := n.bodies(ann, events/each, each)
				n.measure(ann, all, each, size)
				n.raw()
			}
		})
	}
}

func (n *busyNode) event(e *verifytest.Event) wire.Event {
	n.b.Helper()
	raw := must[[]byte](n.b)(evidence.Canonical(e.Record.View(nil)))
	return wire.Event{Envelope: e.Envelope, Leaf: wire.HexLeaf(e.Leaf), Record: raw, Salt: e.Salt, SealKey: evidence.Hash(e.SealKey)}
}

func (n *busyNode) measure(by *verifytest.Officer, all [][]byte, each, size int) {
	b := n.b
	b.Helper()
	took, total := make([]time.Duration, len(all)), float64(len(all)*each)
	rounds, cpu, begun := n.rounds.Load(), processor(), time.Now()
	b.ResetTimer()
	var err error
	var elapsed time.Duration
	profiled(b, total, func() {
		err = n.generate(by, all, each, took)
		elapsed, cpu = time.Since(begun), processor()-cpu
	})
	if err != nil {
		b.Fatal(err)
	}
	slices.Sort(took)
	interval := elapsed / time.Duration(max(1, n.rounds.Load()-rounds))
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(total/elapsed.Seconds(), "events/s")
	b.ReportMetric(float64(cpu)/total/1e3, "cpu-µs/event")
	b.ReportMetric(float64(took[len(took)/2])/1e6, "median-ms")
	b.ReportMetric(float64(took[len(took)*99/100])/1e6, "p99-ms")
	b.ReportMetric(float64(interval)/1e6, "interval-ms")
	b.ReportMetric(float64(size), "bytes/event")
}

// generate sends all requests, as many at once as may be, and notes how long each took.
func (n *busyNode) generate(by *verifytest.Officer, all [][]byte, each int, took []time.Duration) error {
	var next atomic.Int64
	errs := make([]error, inFlight/each)
	var work sync.WaitGroup
	for i := range errs {
		work.Go(func() {
			for errs[i] == nil {
				k := next.Add(1) - 1
				if k >= int64(len(all)) {
					return
				}
				at := time.Now()
				errs[i] = n.send(by, all[k], each)
				took[k] = time.Since(at)
			}
		})
	}
	work.Wait()
	return errors.Join(errs...)
}

// processor is the time that this process has had on all cores.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// raw measures the peers: leaves into the engine by as many callers, and signatures.
func (n *busyNode) raw() {
	b := n.b
	b.Helper()
	skey, _, err := note.GenerateKey(nil, "raw.example/ledger")
	if err != nil {
		b.Fatal(err)
	}
	signer := must[note.Signer](b)(note.NewSigner(skey))
	at := filepath.Join(n.dir, "raw")
	if err := tesseralog.Create(b.Context(), at, signer); err != nil {
		b.Fatal(err)
	}
	log := must[*tesseralog.Log](b)(tesseralog.Open(b.Context(), at, signer))
	defer log.Close()
	const leaves = 16384
	var next atomic.Uint64
	begun, cpu := time.Now(), processor()
	var work sync.WaitGroup
	for range inFlight {
		work.Go(func() {
			for k := next.Add(1); k <= leaves; k = next.Add(1) {
				if _, err := log.Append(b.Context(), []ledger.Leaf{ledgertest.Event(k)}); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	work.Wait()
	b.ReportMetric(leaves/time.Since(begun).Seconds(), "raw-engine/s")
	b.ReportMetric(float64(processor()-cpu)/leaves/1e3, "raw-engine-cpu-µs")
	verify := verification(b)
	b.ReportMetric(1/verify.Seconds(), "raw-verify/s")
	b.ReportMetric(float64(verify)/1e3, "raw-verify-cpu-µs")
}

// verification returns the time on one core that verifying a P-256 signature takes.
func verification(b *testing.B) time.Duration {
	b.Helper()
	key := must[*ecdsa.PrivateKey](b)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	digest := sha256.Sum256(make([]byte, 2048))
	sig := must[[]byte](b)(ecdsa.SignASN1(rand.Reader, key, digest[:]))
	const many = 2000
	cpu := processor()
	for range many {
		if !ecdsa.VerifyASN1(&key.PublicKey, digest[:], sig) {
			b.Fatal("a signature does not verify")
		}
	}
	return (processor() - cpu) / many
}

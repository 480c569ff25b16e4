package inspect

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/evidence"
	"example.org/custody/ledger"
	"example.org/custody/signing"
	"example.org/custody/signing/keyfile"
	"example.org/custody/signing/trust"
)

func inspectTrustList(i *Inspection, f *inspected) (bool, error) {
	if !f.begins("custody-trust/v1\n") {
		return false, nil
	}
	b, err := f.all()
	if err != nil {
		return true, err
	}
	i.Kind, i.Title = "trust-list", "trust list"
	l, err := trust.Open(b, nil)
	if err != nil {
		i.fact("signed", "NO: %v", err)
		i.Note = "A list that its own states did not sign is of no use."
		return true, nil
	}
	i.fact("version", "%d", l.Version)
	i.fact("sha256", "%s", l.Digest().Hex())
	i.fact("signed", "by enough of its own states")
	i.fact("issued", "%s", l.Issued.Format(time.RFC3339))
	i.fact("next update", "%s", l.NextUpdate.Format(time.RFC3339))
	i.fact("requires questions", "%s", strings.Trim(fmt.Sprint(l.Require), "[]"))
	i.fact("max age", "%s", l.MaxAge)
	for _, s := range l.States {
		i.fact("state", "%s", s.Code)
	}
	for _, log := range l.Logs {
		i.fact("ledger", "%s of %s", log.Origin, log.State)
	}
	i.fact("witnesses", "%d", len(l.Witnesses))
	i.fact("auditors", "%d", len(l.Auditors))
	i.fact("authorities", "%d", len(l.Authorities))
	i.Note = "Use it only when it came from your own state's authority: custody verify --trust " + i.File + " PACKAGE"
	return true, nil
}

func inspectReceipt(i *Inspection, f *inspected) (bool, error) {
	if !f.begins("c2sp.org/tlog-proof@v1\n") {
		return false, nil
	}
	b, err := f.all()
	if err != nil {
		return true, err
	}
	i.Kind, i.Title = "receipt", "receipt (C2SP tlog-proof)"
	r, err := ledger.ParseReceipt(b)
	if err != nil {
		return true, err
	}
	receiptFacts(i, r)
	i.Note = "It proves that a leaf is in a ledger, not that no other one closed the same seal: that is for custody verify on a package."
	return true, nil
}

func receiptFacts(i *Inspection, r ledger.Receipt) {
	cp, err := ledger.ReadCheckpoint(r.Note)
	if err != nil {
		i.fact("checkpoint", "unreadable: %v", err)
		return
	}
	i.fact("leaf", "%s#%d", cp.Origin, r.Index)
	checkpointFacts(i, cp, r.Note)
}

func checkpointFacts(i *Inspection, cp ledger.Checkpoint, signed []byte) {
	i.fact("ledger", "%s", cp.Origin)
	i.fact("size", "%d leaves", cp.Size)
	i.fact("root", "%s", cp.Root)
	_, lines, _ := bytes.Cut(signed, []byte("\n\n"))
	for _, line := range strings.Split(strings.TrimSpace(string(lines)), "\n") {
		if name, _, ok := strings.Cut(strings.TrimPrefix(line, "— "), " "); ok {
			i.fact("signature", "%s", name)
		}
	}
}

// receiptsFormat is the version of a file with several receipts (spec/home.md,
// "Receipts file").
const receiptsFormat = "custody/receipts/v1"

func inspectReceipts(i *Inspection, f *inspected) (bool, error) {
	if !f.begins(`{"format":"` + receiptsFormat + `"`) {
		return false, nil
	}
	b, err := f.all()
	if err != nil {
		return true, err
	}
	var list struct {
		Receipts []struct {
			Action evidence.Action `json:"action"`
			Leaf   string          `json:"leaf"`
		} `json:"receipts"`
	}
	if err := json.Unmarshal(b, &list); err != nil {
		return true, err
	}
	i.Kind, i.Title = "receipts", "receipts of several acts"
	for _, r := range list.Receipts {
		i.fact(string(r.Action), "%s", r.Leaf)
	}
	return true, nil
}

func inspectCheckpoint(i *Inspection, f *inspected) (bool, error) {
	if f.size > 1<<20 || !bytes.Contains(f.head, []byte("\n")) {
		return false, nil
	}
	b, err := f.all()
	if err != nil {
		return true, err
	}
	cp, err := ledger.ReadCheckpoint(b)
	if err != nil {
		return false, nil // text of another kind
	}
	i.Kind, i.Title = "checkpoint", "checkpoint of a ledger, signed"
	checkpointFacts(i, cp, b)
	i.fact("sha256", "%s", hexSum(b))
	return true, nil
}

func inspectPolicy(i *Inspection, f *inspected) (bool, error) {
	if f.size > trust.MaxPolicy || !bytes.Contains(f.head, []byte("\nquorum ")) && !f.begins("log ") {
		return false, nil
	}
	b, err := f.all()
	if err != nil {
		return true, err
	}
	p, err := trust.ParsePolicy(b)
	if err != nil {
		return false, nil
	}
	i.Kind, i.Title = "policy", "quorum policy (C2SP tlog-policy)"
	i.fact("keys", "%d", len(p.Keys()))
	i.fact("sha256", "%s", hexSum(b))
	i.Note = "It counts only when a trust list names its digest."
	return true, nil
}

func inspectRecovery(i *Inspection, f *inspected) (bool, error) {
	if f.size > 4096 || !bytes.Contains(bytes.ToUpper(f.head), []byte("AGE-SECRET-KEY-1")) {
		return false, nil
	}
	b, err := f.all()
	if err != nil {
		return true, err
	}
	id, err := keyfile.ParseRecovery(b)
	if err != nil {
		return true, err
	}
	i.Kind, i.Title = "recovery", "recovery identity: SECRET"
	i.fact("opens what is encrypted to", "%s", id.Recipient())
	i.Note = "Whoever has this file opens everything the desk keeps. It belongs on paper or a stick in a safe, not on this machine."
	return true, nil
}

func inspectCertificate(i *Inspection, f *inspected) (bool, error) {
	if f.size > 1<<16 {
		return false, nil
	}
	b, err := f.all()
	if err != nil {
		return true, err
	}
	cert, err := x509.ParseCertificate(b)
	if err != nil {
		return false, nil
	}
	i.Kind, i.Title = "certificate", "X.509 certificate"
	certificateFacts(i, cert)
	return true, nil
}

func certificateFacts(i *Inspection, cert *x509.Certificate) {
	i.fact("subject", "%s", cert.Subject)
	i.fact("from", "%s", cert.NotBefore.UTC().Format(time.RFC3339))
	i.fact("to", "%s", cert.NotAfter.UTC().Format(time.RFC3339))
	i.fact("authority", "%t", cert.IsCA)
	i.fact("sha256", "%s", hexSum(cert.Raw))
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// ourFormat is how our formats name themselves.
var ourFormat = regexp.MustCompile(`^custody/([a-z-]{1,40})/v[0-9]{1,9}$`)

// inspectJSON looks at our JSON files, which say what they are.
func inspectJSON(i *Inspection, f *inspected) (bool, error) {
	if !f.begins("{") {
		return false, nil
	}
	b, err := f.all()
	if err != nil {
		return true, err
	}
	var top struct {
		Format      string `json:"format"`
		PayloadType string `json:"payloadType"`
	}
	if json.Unmarshal(b, &top) != nil {
		return false, nil
	}
	switch {
	case strings.HasPrefix(top.Format, "custody/card/"):
		return true, inspectCard(i, b)
	case ourFormat.MatchString(top.Format):
		i.Kind, i.Title = ourFormat.FindStringSubmatch(top.Format)[1], "file of format "+top.Format
		i.fact("format", "%s", top.Format)
		return true, nil
	case top.PayloadType == evidence.EventPayloadType:
		return true, inspectEnvelope(i, b)
	case strings.HasPrefix(top.PayloadType, "application/vnd.custody."):
		i.Kind, i.Title = "envelope", "signed envelope (DSSE) of "+top.PayloadType
		return true, nil
	}
	return false, nil
}

func inspectCard(i *Inspection, b []byte) error {
	i.Kind, i.Title = "card", "card of a key: what others need to offer something to its holder"
	c, err := keyfile.ParseCard(b)
	if err != nil {
		return err
	}
	i.fact("alias", "%s", c.Alias)
	i.fact("role", "%s", c.Role)
	i.fact("state", "%s", c.State)
	i.fact("authority", "%s", c.Authority)
	i.fact("key", "%s", c.Key.ID())
	i.fact("suite", "%s", c.Key.Suite())
	i.fact("handoffs are encrypted to", "%s", cmp.Or(c.Vault, "none"))
	i.fact("enrolment enclosed", "%t", c.Enrolment != nil)
	i.Note = "A card is a claim. Compare the key with its holder by another way than the one the card came by."
	return nil
}

func inspectEnvelope(i *Inspection, b []byte) error {
	i.Kind, i.Title = "event", "envelope of an event"
	env, err := signing.Parse(b)
	if err != nil {
		return err
	}
	e, err := evidence.ParseEvent(env.Payload)
	if err != nil {
		return err
	}
	i.fact("action", "%s", e.Action)
	i.fact("item", "%s", e.Item)
	i.fact("seq", "%s", strconv.FormatInt(e.Seq, 10))
	i.fact("ledger", "%s", e.Origin)
	i.fact("recorded", "%s", e.Recorded.Format(time.RFC3339))
	for _, s := range e.Signers {
		i.fact("signer", "%s", desk.SignerText(s))
	}
	i.Note = "Its signatures were not checked."
	return nil
}

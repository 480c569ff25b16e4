package pack

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Reader is one line of readers.jsonl: someone with a key of their own, and the
// entries below payload/ that are encrypted to it (spec/package.md, "Readers").
type Reader struct {
	Entries   []string `json:"entries"`   // names in the container, ascending
	Recipient string   `json:"recipient"` // age recipient: age1… or age1pq1…
}

// Limits of spec/package.md, "Readers".
const (
	MaxReaders = 100
	// lengths of the recipients of age: X25519, and ML-KEM-768 with X25519
	lenX25519, lenHybrid = 62, 1959
)

// The types of age's recipient stanzas for the two kinds of recipients.
const (
	stanzaX25519 = "X25519"
	stanzaHybrid = "mlkem768x25519"
	hybridPrefix = "age1pq1"
)

// encryptedSuffix ends the name of an entry that is encrypted.
const encryptedSuffix = ".age"

// Encrypted returns the name under which an entry is encrypted to readers.
func Encrypted(entry string) string { return entry + encryptedSuffix }

// ReadersOf returns the recipients that an entry is encrypted to, ascending; none
// for one that everybody can read.
func (d *Dossier) ReadersOf(entry string) (list []string) {
	for _, r := range d.Readers {
		if _, ok := slices.BinarySearch(r.Entries, entry); ok {
			list = append(list, r.Recipient)
		}
	}
	return list
}

// AddReaders notes that an entry is encrypted to recipients.
func (d *Dossier) AddReaders(entry string, recipients []string) {
	for _, to := range recipients {
		i := slices.IndexFunc(d.Readers, func(r Reader) bool { return r.Recipient == to })
		if i < 0 {
			i = len(d.Readers)
			d.Readers = append(d.Readers, Reader{Recipient: to})
		}
		if at, there := slices.BinarySearch(d.Readers[i].Entries, entry); !there {
			d.Readers[i].Entries = slices.Insert(d.Readers[i].Entries, at, entry)
		}
	}
}

// StanzasOf returns the types of the stanzas that age writes for recipients, each
// with its number.
func StanzasOf(recipients []string) map[string]int {
	n := map[string]int{}
	for _, r := range recipients {
		if strings.HasPrefix(r, hybridPrefix) {
			n[stanzaHybrid]++
		} else {
			n[stanzaX25519]++
		}
	}
	return n
}

// checkReaders checks readers.jsonl by itself and against items.jsonl.
func (d *Dossier) checkReaders() error {
	if len(d.Readers) > MaxReaders {
		return limitError(ReadersName, "%d readers, %d allowed", len(d.Readers), MaxReaders)
	}
	enclosed := map[string]bool{}
	for _, i := range d.Items {
		for _, p := range i.Payload {
			enclosed[p.Entry] = true
		}
	}
	for n, r := range d.Readers {
		if err := checkRecipient(r.Recipient); err != nil {
			return formError(ReadersName, n+1, "%v", err)
		}
		if n > 0 && d.Readers[n-1].Recipient >= r.Recipient {
			return formError(ReadersName, n+1, "out of order or repeated")
		}
		if len(r.Entries) == 0 {
			return formError(ReadersName, n+1, "names no entry")
		}
		if err := ascending(ReadersName, r.Entries, cmp.Compare); err != nil {
			return formError(ReadersName, n+1, "entries are out of order or repeated")
		}
		for _, e := range r.Entries {
			if !enclosed[e] || !strings.HasSuffix(e, encryptedSuffix) {
				return formError(ReadersName, n+1, "entry %.200q is no copy, or its name does not end in %s", e, encryptedSuffix)
			}
		}
	}
	return nil
}

// checkRecipient checks the look of a recipient: whether it is one only matters to
// whoever encrypts to it.
func checkRecipient(s string) error {
	data, ok := strings.CutPrefix(s, "age1")
	if !ok || len(s) != lenX25519 && (len(s) != lenHybrid || !strings.HasPrefix(s, hybridPrefix)) ||
		strings.Trim(strings.TrimPrefix(data, "pq1"), "qpzry9x8gf2tvdw0s3jn54khce6mua7l") != "" {
		return fmt.Errorf("recipient %.80q", s)
	}
	return nil
}

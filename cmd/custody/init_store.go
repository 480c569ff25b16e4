package main

import (
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"example.org/custody/cmd/internal/desk"
	"example.org/custody/cmd/internal/ui"
	"example.org/custody/evidence/store"
	"example.org/custody/evidence/store/s3"
)

// Codes about a store in a bucket.
const (
	codeStoreAway     ui.Code = "E-STORE-AWAY"
	codeStoreLock     ui.Code = "E-STORE-LOCK"
	codeStoreLies     ui.Code = "E-STORE-LIES"
	codeStoreKeys     ui.Code = "E-STORE-CREDENTIALS"
	codeStoreRights   ui.Code = "E-STORE-RIGHTS"
	codeStorePlace    ui.Code = "E-STORE-PLACE"
	codeStorePeriod   ui.Code = "E-STORE-PERIOD"
	codeStoreRetained ui.Code = "E-STORE-RETAINED"
	codeStoreLarge    ui.Code = "E-STORE-LARGE"
)

var _ = ui.Register(
	ui.Entry{Code: codeStoreAway, Title: "The object storage does not answer", For: []error{s3.ErrUnreachable, s3.ErrBusy},
		Means: "what was acknowledged before stays; of the act that was begun nothing is signed unless the tool said so, and nothing of it can be read by anyone else",
		Do:    []string{"check the network and the object storage: custody doctor", "run the same command again"},
		About: "Storage that does not answer is asked again for two minutes; after five seconds a line on standard error says so. An accept of an offer that is run again sends only the parts which the storage has not; so does one that was killed. A seal that is run again encrypts anew, to a key that nobody had before, and sends everything again: where the network stays away for long, give it --store-patience 12h, and it waits and goes on."},
	ui.Entry{Code: codeStoreLock, Title: "The bucket does not keep evidence", For: []error{s3.ErrNoLock, s3.ErrLockBroken, s3.ErrNoBucket},
		Means: "evidence there could be deleted or changed before its time, so none is put there",
		Do:    []string{"make a bucket with versions and object lock", "custody init --store with --make-bucket", "--store-unlocked '" + s3.Unlocked + "', when that is meant"},
		About: "Before the first evidence of every process the tool puts a small object under a lock of a minute, and tries to delete it, to shorten the lock and to weaken it. A storage that lets any of it happen is refused, whatever it says of itself."},
	ui.Entry{Code: codeStoreLies, Title: "The object storage cannot be relied on", For: []error{s3.ErrChecksum, s3.ErrLost},
		Means: "it said yes to something that it did not do, so nothing was acknowledged here on its word",
		Do:    []string{"keep the output; tell who runs the object storage", "custody doctor --unlock looks for every object", "seal again into another bucket"}},
	ui.Entry{Code: codeStoreKeys, Title: "The object storage does not know who asks", For: []error{s3.ErrCredentials},
		Means: "nothing was read or written there",
		Do:    []string{"set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", "or name a file in AWS_SHARED_CREDENTIALS_FILE, and its profile in AWS_PROFILE"},
		About: "Credentials of the object storage are never written to the desk's folder, shown or logged. They open ciphertext alone."},
	ui.Entry{Code: codeStoreRights, Title: "The credentials may not do all that a desk does", For: []error{s3.ErrDenied},
		Means: "what was acknowledged before stays; of the act that was begun nothing is signed unless the tool said so",
		Do:    []string{"give them the rights that custodyd help deploy bucket lists, in this bucket", "run the same command again"}},
	ui.Entry{Code: codeStorePlace, Class: ui.ErrUsage, Title: "Not a place for a store", For: []error{s3.ErrLocation, s3.ErrWords, s3.ErrLink},
		Means: "nothing was made",
		Do:    []string{"--store 's3://BUCKET/PREFIX?endpoint=https://HOST&region=NAME'"}},
	ui.Entry{Code: codeStorePeriod, Class: ui.ErrUsage, Title: "Not a time that evidence can be locked for", For: []error{s3.ErrPeriod},
		Means: "nothing was made or sealed",
		Do:    []string{"a retention-rule that is a period is one of years, months and days, of at most a hundred years: P10Y, P18M, P90D", "custody init --retention RULE=DAYS says what another rule means"}},
	ui.Entry{Code: codeStoreRetained, Title: "The store must keep it", For: []error{store.ErrRetained},
		Means: "the object stays as it is",
		Do:    []string{"wait until its lock ends"}},
	ui.Entry{Code: codeStoreLarge, Title: "Larger than an object can be", For: []error{s3.ErrTooLarge},
		Means: "nothing of it was stored",
		Do:    []string{"seal it in parts of less than 5 TB"}},
)

// storeFlags say where the objects of a new desk are kept.
func storeFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "store", DefaultText: "a folder of the desk", Usage: "keep encrypted evidence in a bucket under object lock: `PLACE` is s3://BUCKET[/PREFIX][?endpoint=URL&region=NAME]"},
		&cli.BoolFlag{Name: "make-bucket", Usage: "make that bucket, with versions and object lock"},
		&cli.StringSliceFlag{Name: "retention", Usage: "lock evidence for so many `DAYS`, or RULE=DAYS for what the record's retention-rule names; a rule such as P10Y is a period itself"},
		&cli.StringFlag{Name: "store-unlocked", Usage: "take a bucket without object lock: `WORDS` must be '" + s3.Unlocked + "'"},
	}
}

const patienceName = "store-patience"

// patienceFlag is of the verbs that put evidence into the store.
func patienceFlag() cli.Flag {
	return &cli.DurationFlag{Name: patienceName, DefaultText: "2m", Usage: "ask object storage that does not answer for so long: `TIME` as 30m or 12h"}
}

// patience reads patienceFlag; 0 where it is not given.
func patience(c *cli.Context, h *desk.Home) (time.Duration, error) {
	d := c.Duration(patienceName)
	switch {
	case !c.IsSet(patienceName):
		return 0, nil
	case !s3.IsFolder(filepath.Join(h.Dir, "store")):
		return 0, ui.Usage("leave --"+patienceName+" out", "--%s is about a bucket, and the store of this desk is a folder", patienceName)
	case d <= 0:
		return 0, ui.Usage("--"+patienceName+" 12h", "--%s %s is no time to wait", patienceName, d)
	}
	return d, nil
}

// bucketOf reads storeFlags; nil is a folder.
func bucketOf(c *cli.Context) (*s3.Config, error) {
	if c.String("store") == "" {
		for _, name := range []string{"make-bucket", "retention", "store-unlocked"} {
			if c.IsSet(name) {
				return nil, ui.Usage("give --store too, or leave it out", "--%s is about a bucket, and no --store names one", name)
			}
		}
		return nil, nil
	}
	l, err := s3.ParseLocation(c.String("store"))
	if err != nil {
		return nil, err
	}
	b := &s3.Config{Location: l, WithoutLock: c.String("store-unlocked")}
	for _, text := range c.StringSlice("retention") {
		if err := addRetention(&b.Retention, text); err != nil {
			return nil, err
		}
	}
	return b, b.Validate()
}

// addRetention reads DAYS or RULE=DAYS.
func addRetention(r *s3.Retention, text string) error {
	rule, days := "", text
	if i := strings.LastIndexByte(text, '='); i >= 0 {
		rule, days = text[:i], text[i+1:]
	}
	n, err := strconv.Atoi(days)
	if err != nil {
		return ui.Usage("--retention 3650, or --retention 'RULE=3650'", "--retention %q is no number of days", text)
	}
	if rule == "" {
		r.Days = n
		return nil
	}
	if r.Rules == nil {
		r.Rules = map[string]int{}
	}
	r.Rules[rule] = n
	return nil
}

// checkStore tries the bucket before anything of the desk is made.
func (t *tool) checkStore(c *cli.Context, b *s3.Config) error {
	if b == nil {
		return nil
	}
	if b.WithoutLock != "" {
		t.term.Warn("%s: the bucket is taken without object lock", b.WithoutLock)
	} else if b.Retention.Days == 0 {
		t.term.Warn("--retention gives no days: evidence whose record names no retention-rule that is known is not locked")
	}
	if c.Bool("make-bucket") {
		if c.Bool("dry-run") {
			return nil // there is nothing yet to try
		}
		if err := desk.MakeBucket(c.Context, *b, t.sayWaiting); err != nil {
			return err
		}
	}
	return desk.CheckBucket(c.Context, *b, t.sayWaiting)
}

// sayWaiting says that a bucket is waited for, and that it answers again.
func (t *tool) sayWaiting(w s3.Wait) {
	since := w.For.Round(time.Second)
	switch {
	case w.Over:
		t.term.Say("%s answers again, after %s", w.Location, since)
	case w.Failed != nil:
		t.term.Say("waiting for %s, %s so far: it is asked again, for %s more, and nothing is acknowledged meanwhile (%v)", w.Location, since, w.Left.Round(time.Second), w.Failed)
	default:
		t.term.Say("waiting for %s, %s so far: it has not answered yet. When the connection ends it is asked again, for %s. Nothing is acknowledged meanwhile", w.Location, since, w.Left)
	}
}

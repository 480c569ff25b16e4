package s3_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"example.org/custody/evidence/store"
	"example.org/custody/evidence/store/durable"
	"example.org/custody/evidence/store/s3"
)

func TestParseLocation(t *testing.T) {
	for text, want := range map[string]s3.Location{
		"s3://evidence":                                     {Bucket: "evidence", Endpoint: "https://s3.us-east-1.amazonaws.com", Region: "us-east-1"},
		"s3://evidence/a/b/?region=eu-central-1":            {Bucket: "evidence", Endpoint: "https://s3.eu-central-1.amazonaws.com", Prefix: "a/b", Region: "eu-central-1"},
		"s3://evidence?endpoint=https://s3.aa.example:9000": {Bucket: "evidence", Endpoint: "https://s3.aa.example:9000", Region: "us-east-1"},
		"s3://evidence?endpoint=http://127.0.0.1:9000":      {Bucket: "evidence", Endpoint: "http://127.0.0.1:9000", Region: "us-east-1"},
		"s3://evidence?endpoint=http://[::1]:9000":          {Bucket: "evidence", Endpoint: "http://[::1]:9000", Region: "us-east-1"},
	} {
		got, err := s3.ParseLocation(text)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
			continue
		}
		if again, err := s3.ParseLocation(got.String()); err != nil || again != got {
			t.Errorf("%s reads as %+v, %v", got, again, err)
		}
	}
	for _, text := range []string{
		"", "evidence", "https://evidence", "s3://", "s3://e", "s3://Evidence", "s3://key:secret@evidence", "s3://evidence:9000", "s3://evidence#x",
		"s3://evidence?endpoint=http://s3.aa.example", "s3://evidence?endpoint=ftp://127.0.0.1", "s3://evidence?endpoint=https://s3.aa.example/path",
		"s3://evidence?endpoint=https://key:secret@s3.aa.example", "s3://evidence?region=A_B", "s3://evidence?secret=x", "s3://evidence?region=a&region=b",
		"s3://evidence/../x", "s3://evidence/a//b", "s3://evidence?endpoint=127.0.0.1:9000",
	} {
		if l, err := s3.ParseLocation(text); !errors.Is(err, s3.ErrLocation) {
			t.Errorf("%q: %+v, %v", text, l, err)
		}
	}
}

func TestRetention(t *testing.T) {
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	r := s3.Retention{Days: 10, Rules: map[string]int{"R-1": 20, "none": 0}}
	for rule, want := range map[string]string{
		"": "2026-04-10", "unknown": "2026-04-10", "R-1": "2026-04-20", "P10Y": "2036-03-31", "P1Y2M3D": "2027-06-03", "P90D": "2026-06-29",
		"P": "2026-04-10", "Police": "2026-04-10", "10Y": "2026-04-10", "P36525D": "2126-04-01", "P100Y": "2126-03-31", "P7D": "2026-04-07",
	} {
		if got, err := r.Until(rule, now); err != nil || got.Format(time.DateOnly) != want {
			t.Errorf("%q: until %s, want %s: %v", rule, got, want, err)
		}
	}
	if until, err := r.Until("none", now); err != nil || !until.IsZero() {
		t.Errorf("a rule of no days locks until %s: %v", until, err)
	}
	for _, rule := range []string{"P10", "P10W", "P0D", "P0Y", "P0Y0M0D", "P150Y", "P900Y", "P36526D", "P1D1Y", "P1YT1H", "P1.5Y", "P10Y ", "P99999999D"} {
		for _, r := range []s3.Retention{r, {}} {
			if until, err := r.Until(rule, now); !errors.Is(err, s3.ErrPeriod) || !until.IsZero() {
				t.Errorf("%q: until %s, %v", rule, until, err)
			}
		}
	}
	r.Rules["P10W"] = 70
	if until, err := r.Until("P10W", now); err != nil || !until.Equal(now.AddDate(0, 0, 70)) {
		t.Errorf("what the table calls P10W locks until %s: %v", until, err)
	}
	for _, bad := range []s3.Retention{{Days: -1}, {Days: 36526}, {Rules: map[string]int{"x": -1}}} {
		if err := bad.Validate(); !errors.Is(err, s3.ErrPeriod) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	c := s3.Config{Location: s3.Location{Bucket: "evidence", Endpoint: "https://s3.aa.example", Region: "aa"}, Retention: s3.Retention{Days: 3650, Rules: map[string]int{"R-1": 20}}}
	if s3.IsFolder(path) {
		t.Error("nothing is a folder")
	}
	if err := s3.CreateFolder(path, c, durable.Files{}); err != nil {
		t.Fatal(err)
	}
	got, b, err := s3.ReadConfig(path)
	want := `{"bucket":"evidence","endpoint":"https://s3.aa.example","region":"aa","retention":{"days":3650,"rules":{"R-1":20}}}`
	if err != nil || string(b) != want || got.Location != c.Location || got.Retention.Rules["R-1"] != 20 || !s3.IsFolder(path) {
		t.Errorf("%+v, %s, %v", got, b, err)
	}
	var format *store.FormatError
	if _, err := store.Open(path, store.Options{}); !errors.As(err, &format) {
		t.Errorf("the engine of folders opens it: %v", err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	s, err := s3.OpenFolder(path, got, s3.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s3.OpenFolder(path, got, s3.Options{}); !errors.Is(err, durable.ErrInUse) {
		t.Errorf("a second writer: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for _, bad := range []s3.Config{{Location: c.Location, WithoutLock: "yes"}, {}, {Location: c.Location, Retention: s3.Retention{Days: -1}}} {
		if err := s3.CreateFolder(filepath.Join(t.TempDir(), "store"), bad, durable.Files{}); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

func TestNoCredentials(t *testing.T) {
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY", "AWS_SECRET_KEY"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	l, err := s3.ParseLocation("s3://evidence")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s3.New(s3.Options{Location: l}); !errors.Is(err, s3.ErrCredentials) {
		t.Errorf("%v", err)
	}
}

package rules

import "testing"

// The worked examples of the standards that the check digits come from, and each
// with one character changed.
func TestCheckDigits(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(string) bool
		good []string
		bad  []string
	}{
		{"imei", imei, []string{"490154203237518", "49-015420-323751-8", "35 209900 176148 1"}, []string{"490154203237517", "4901542032375180", "49015420323751", "49015420323751x", ""}},
		{"iccid", iccid, []string{"89014103211118510720", "8944111222333444559"}, []string{"89014103211118510721", "79014103211118510720", "8901410"}},
		{"luhn", luhn, []string{"79927398713", "4111111111111111"}, []string{"79927398710", "7", "", "7992739871a"}},
		{"iban", iban, []string{"GB82 WEST 1234 5698 7654 32", "DE89370400440532013000"}, []string{"GB82 WEST 1234 5698 7654 33", "GB82", "1282WEST12345698765432", "GB82WEST1234569876543!"}},
		{"strong", strong, []string{"sha256:" + zeros(64), "sha3-512:" + zeros(128)}, []string{"md5:" + zeros(32), "sha1:" + zeros(40), "sha256:" + zeros(63), "sha256", ""}},
	} {
		for _, s := range c.good {
			if !c.do(s) {
				t.Errorf("%s refuses %q", c.name, s)
			}
		}
		for _, s := range c.bad {
			if c.do(s) {
				t.Errorf("%s takes %q", c.name, s)
			}
		}
	}
}

func zeros(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0'
	}
	return string(b)
}

// specimens are those of ICAO Doc 9303, parts 4 to 7: of the state of Utopia.
var specimens = [][]string{
	{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"},
	{"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"},
	{"I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"},
	{"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"},
	{"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<"},
	{"I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "STEVENSON<<PETER<JOHN<<<<<<<<<"},
}

// Every digit of a check digit and of what it is over, when changed, is found.
func TestMRZ(t *testing.T) {
	for i, lines := range specimens {
		if !mrz(lines) {
			t.Errorf("specimen %d: check digits are right, and refused", i)
			continue
		}
		found := 0
		for n, l := range lines {
			for at := range l {
				if !digit(l[at]) {
					continue
				}
				changed := append([]string{}, lines...)
				changed[n] = l[:at] + string('0'+(l[at]-'0'+1)%10) + l[at+1:]
				if !mrz(changed) {
					found++
				}
			}
		}
		if digits := countDigits(lines) - map[int]int{3: 7}[i]; found < digits {
			t.Errorf("specimen %d: %d of %d changed digits are found", i, found, digits)
		}
	}
	for _, bad := range [][]string{nil, {""}, {"x", "y"}, specimens[0][:1], {specimens[0][0], specimens[0][1][:43] + "é"}} {
		if mrz(bad) {
			t.Errorf("%q is a machine-readable zone", bad)
		}
	}
}

// countDigits counts; the optional data of a visa (seven digits) has no check digit.
func countDigits(lines []string) (n int) {
	for _, l := range lines {
		for at := range l {
			if digit(l[at]) {
				n++
			}
		}
	}
	return n
}

// The guard finds what identifies a person, and leaves references alone.
func TestIdentifies(t *testing.T) {
	for s, kind := range map[string]string{
		"write to anna.eriksson@example.org":             "an e-mail address",
		"+44 20 7946 0958":                               "a telephone number",
		"0049 30 901820":                                 "a telephone number",
		"IBAN DE89 3704 0044 0532 0130 00":               "a bank account number",
		"seen from 192.0.2.44 at noon":                   "an IP address",
		"2001:db8:0:0:0:0:0:1":                           "an IP address",
		"4111 1111 1111 1111":                            "a payment card, IMEI or number of a person",
		"490154203237518":                                "a payment card, IMEI or number of a person",
		"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<":   "a machine-readable zone",
		"born 12.8.1974":                                 "a date of birth",
		"geb. 12.08.1974":                                "a date of birth",
		"KOS-2026-0042":                                  "",
		"E-0017":                                         "",
		"order 12 Js 345/26":                             "",
		"0017732":                                        "",
		"2026-11-26T10:00:00Z":                           "",
		"v1.2.3.400":                                     "",
		"sha256:" + zeros(64):                            "",
		"R (HM) v SSHD [2022] EWHC 695 (Admin)":          "",
		"cell 12345 of exhibit 678901234567890123456789": "",
	} {
		if got := Identifies(s); got != kind {
			t.Errorf("%q: %q, want %q", s, got, kind)
		}
	}
}

func TestNearest(t *testing.T) {
	fields := []string{"power-state", "power-action", "make", "model"}
	for word, want := range map[string]string{
		"power-sate": "; did you mean power-state?", "mkae": "; did you mean make?", "modell": "; did you mean model?", "colour": "", "": "",
	} {
		if got := meant(fields, word); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
	for word, want := range map[string]string{
		"sael": "seal", "seals": "seal", "verfy": "verify", "ofer": "offer", "zzz": "", "s": "", "": "", "of": "", "dispsoe": "dispose",
	} {
		if got := Nearest([]string{"seal", "offer", "verify", "dispose"}, word); got != want {
			t.Errorf("nearest to %q is %q, want %q", word, got, want)
		}
	}
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"", "ab", 2}, {"seal", "sael", 1}, {"kitten", "sitting", 3}, {"ab", "ba", 1}, {"abc", "ca", 3}} {
		if got := distance(tt.a, tt.b); got != tt.want || distance(tt.b, tt.a) != got {
			t.Errorf("distance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

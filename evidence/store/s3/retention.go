package s3

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Retention says how long sealed evidence is locked, in days. The rule is what the
// record's field retention-rule names.
type Retention struct {
	Days  int            `json:"days"`            // without a rule that is known; 0: no lock
	Rules map[string]int `json:"rules,omitempty"` // by the name of the rule
}

// mostDays bounds a lock that nobody can take off: a hundred years.
const mostDays = 36525

// ErrPeriod reports a time that no lock can have.
var ErrPeriod = fmt.Errorf("evidence is locked for 0 to %d days", mostDays)

// Validate checks that each period is one.
func (r Retention) Validate() error {
	for _, days := range r.Rules {
		if days < 0 || days > mostDays {
			return fmt.Errorf("%d days: %w", days, ErrPeriod)
		}
	}
	if r.Days < 0 || r.Days > mostDays {
		return fmt.Errorf("%d days: %w", r.Days, ErrPeriod)
	}
	return nil
}

// Until returns when the lock of what is sealed at now under the rule ends; zero for
// none. A rule that is not in the table may be a period itself, as P10Y or P90D (ISO
// 8601-1, years, months and days). What begins like a period and is none that a lock can
// have is a mistake, and never the time without a rule: it returns [ErrPeriod].
func (r Retention) Until(rule string, now time.Time) (time.Time, error) {
	days, known := r.Rules[rule]
	if !known {
		if likePeriod.MatchString(rule) {
			return period(rule, now)
		}
		days = r.Days
	}
	if days == 0 {
		return time.Time{}, nil
	}
	return now.AddDate(0, 0, days), nil
}

var (
	likePeriod = regexp.MustCompile(`^P\d`)
	periodText = regexp.MustCompile(`^P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?$`)
)

// period reads a period of a day or more.
func period(rule string, now time.Time) (time.Time, error) {
	m := periodText.FindStringSubmatch(rule)
	if m == nil {
		return time.Time{}, fmt.Errorf("retention-rule %q is no period of years, months and days, such as P10Y or P90D: %w", rule, ErrPeriod)
	}
	var n [3]int
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+1]) // "" is 0
	}
	until := now.AddDate(n[0], n[1], n[2])
	if !until.After(now) || until.After(now.AddDate(0, 0, mostDays)) {
		return time.Time{}, fmt.Errorf("retention-rule %q is no period from a day to a hundred years: %w", rule, ErrPeriod)
	}
	return until, nil
}

// MaxLink is how long a link may be good: what the signature of S3 allows.
const MaxLink = 7 * 24 * time.Hour

// ErrLink reports a time that no link can be good for.
var ErrLink = errors.New("a link is good for a second to 7 days")

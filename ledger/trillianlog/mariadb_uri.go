package trillianlog

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// isMariaDB reports whether a connection string is of MariaDB.
func isMariaDB(uri string) bool {
	return strings.HasPrefix(uri, "mariadb://") || strings.HasPrefix(uri, "mysql://")
}

// mariaConfig says how a database is reached by mariadb://USER@HOST:PORT/NAME, where stands
// as with PostgreSQL ?sslmode=verify-full, and &sslrootcert=FILE unless the system knows who
// signs; or by ?socket=FILE. No error has the connection string in it.
func mariaConfig(uri string) (*mysql.Config, error) {
	u, err := url.Parse(uri)
	if err != nil {
		return nil, fmt.Errorf("the connection string of the database: %w", ErrConfig)
	}
	c := mysql.NewConfig()
	c.Net, c.Addr = "tcp", net.JoinHostPort(u.Hostname(), or(u.Port(), "3306"))
	c.User, c.DBName = u.User.Username(), strings.TrimPrefix(u.Path, "/")
	q := u.Query()
	if socket := q.Get("socket"); socket != "" {
		c.Net, c.Addr = "unix", socket
	}
	for name, values := range q {
		known := name == "socket" || name == "sslmode" && values[0] == verifyFull || name == "sslrootcert"
		if !known && (name != "sslmode" || local(u.Hostname())) || len(values) != 1 {
			return nil, fmt.Errorf("the connection string of the database has a setting %q that is not known: %w", name, ErrConfig)
		}
	}
	if c.User == "" || c.DBName == "" || u.Hostname() == "" && c.Net == "tcp" {
		return nil, fmt.Errorf("the connection string of the database lacks user, host or name: %w", ErrConfig)
	}
	switch {
	case c.Net == "unix":
	case q.Get("sslmode") == verifyFull:
		if c.TLS, err = verified(u.Hostname(), q.Get("sslrootcert")); err != nil {
			return nil, err
		}
	case !local(u.Hostname()):
		return nil, plain(u.Hostname())
	}
	c.Passwd, err = mariaPassword()
	inSession(c)
	return c, err
}

const verifyFull = "verify-full"

// inSession has each session be what the statements here count on.
func inSession(c *mysql.Config) {
	c.Logger = &mysql.NopLogger{} // an error is returned
	c.Timeout = patience
	c.ReadTimeout, c.WriteTimeout = 2*longest, longest
	c.ClientFoundRows = true   // what a statement found, not what it changed
	c.InterpolateParams = true // one question instead of three; utf8mb4 and binary, which it is safe with
	c.Params = map[string]string{
		"tx_isolation":             "'READ-COMMITTED'", // each statement reads what is there when it begins
		"sql_mode":                 "'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
		"max_statement_time":       seconds(longest.Seconds()),
		"innodb_lock_wait_timeout": seconds(longest.Seconds()),
		"idle_transaction_timeout": seconds(idle.Seconds()),
	}
}

func seconds(n float64) string { return strconv.Itoa(int(n)) }

// verified asks for a certificate of this very host, by who is named in a file or by whom
// the system knows.
func verified(host, file string) (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host}
	if file == "" {
		return c, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("certificates for the database: %w: %w", err, ErrConfig)
	}
	if c.RootCAs = x509.NewCertPool(); !c.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s has no certificate: %w", file, ErrConfig)
	}
	return c, nil
}

// mariaPassword returns what MYSQL_PWD holds, as for every client of MariaDB, or the first
// line of the file that MYSQL_PWD_FILE names.
func mariaPassword() (string, error) {
	file := os.Getenv("MYSQL_PWD_FILE")
	if file == "" {
		return os.Getenv("MYSQL_PWD"), nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", errors.Join(fmt.Errorf("the password of the database: %w", err), ErrConfig)
	}
	first, _, _ := strings.Cut(string(b), "\n")
	return first, nil
}

// or returns a unless it is empty.
func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

package trillianlog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"example.org/custody/evidence"
	"example.org/custody/evidence/store/durable"
)

// Names in a ledger's folder.
const (
	configName = "trillian.json"
	lockName   = "lock"
	formatName = "format"
	tilesName  = "log"
)

const (
	configFormat = "custody/trillian/v1"
	// folderFormat is that of every engine's folder: what reads the published tiles
	// need not know who wrote them.
	folderFormat = "custody ledger 1"
)

// Config says where the servers of a ledger are.
type Config struct {
	// Database is the connection string of Trillian's database, without a password: of
	// PostgreSQL, for which that comes from PGPASSFILE or PGPASSWORD, as for every client of
	// it; or of MariaDB, mariadb://USER@HOST:PORT/NAME, for which MYSQL_PWD holds it, or the
	// file that MYSQL_PWD_FILE names.
	Database string `json:"database"`
	// LogServer is the address HOST:PORT of a Trillian log server over that database.
	// Beyond loopback it must speak TLS.
	LogServer string `json:"log_server"`
}

// Check reports [ErrPassword] when the connection string, a URI or keywords, has a
// password, and [ErrConfig] for a URI that cannot be read.
func (c Config) Check() error {
	if passwordKeyword.MatchString(c.Database) {
		return ErrPassword
	}
	u, err := url.Parse(c.Database)
	if err != nil && strings.Contains(c.Database, "://") {
		return fmt.Errorf("the connection string of the database: %w", ErrConfig)
	}
	if err != nil {
		return nil
	}
	if _, ok := u.User.Password(); ok {
		return ErrPassword
	}
	for key := range u.Query() {
		if passwordKeyword.MatchString(key + "=") {
			return ErrPassword
		}
	}
	return nil
}

// passwordKeyword matches the settings password and sslpassword.
var passwordKeyword = regexp.MustCompile(`(?i)password\s*=`)

// stored is the file trillian.json.
type stored struct {
	Config
	Format string          `json:"format"`
	Origin evidence.Origin `json:"origin"`
	Tree   int64           `json:"tree,string"` // Trillian's tree id
}

// TilesDir returns the part of the ledger's folder that is public: a C2SP tlog-tiles
// folder, as the embedded engine has it.
func TilesDir(dir string) string { return filepath.Join(dir, tilesName) }

// Made reports whether the ledger in dir is kept by this engine.
func Made(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, configName))
	return err == nil
}

// ConfigOf returns where the servers of the ledger in dir are. Errors: [ErrNone],
// [ErrConfig].
func ConfigOf(dir string) (Config, error) {
	s, err := readConfig(dir)
	return s.Config, err
}

// readConfig reads the configuration of the ledger in dir. Errors: [ErrNone], [ErrConfig].
func readConfig(dir string) (stored, error) {
	b, err := os.ReadFile(filepath.Join(dir, configName))
	if errors.Is(err, fs.ErrNotExist) {
		return stored{}, fmt.Errorf("%s: %w", dir, ErrNone)
	}
	if err != nil {
		return stored{}, err
	}
	return parseConfig(b)
}

// parseConfig reads trillian.json. It returns [ErrConfig] for anything but what
// [stored.marshal] writes.
func parseConfig(b []byte) (s stored, err error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return stored{}, fmt.Errorf("%s: %w: %w", configName, err, ErrConfig)
	}
	again, err := s.marshal()
	if err != nil || !bytes.Equal(again, b) || s.Format != configFormat || s.Tree <= 0 {
		return stored{}, fmt.Errorf("%s: %w", configName, ErrConfig)
	}
	if _, err := evidence.ParseOrigin(string(s.Origin)); err != nil {
		return stored{}, fmt.Errorf("%s: %w: %w", configName, err, ErrConfig)
	}
	return s, nil
}

func (s stored) marshal() ([]byte, error) { return evidence.Canonical(s) }

// write makes the folder one of this engine. The configuration comes last: it is what
// names the engine.
func (s stored) write(dir string, files durable.Files) error {
	b, err := s.marshal()
	if err != nil {
		return err
	}
	if err := files.WriteFile(filepath.Join(dir, formatName), fmt.Appendf(nil, "%s\n%s\n", folderFormat, s.Origin), 0o644); err != nil {
		return err
	}
	return files.WriteFile(filepath.Join(dir, configName), b, 0o600)
}

// local reports whether an address HOST:PORT, a host, or a socket's folder is on this
// machine.
func local(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	if host == "localhost" || filepath.IsAbs(host) {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// Package trilliantest starts what a ledger over Trillian needs, for tests: PostgreSQL or
// MariaDB, a Trillian log server and a log signer, on loopback, in a private folder. Each can
// be killed and started again. At the end of the test all are gone and nothing is left.
//
// The programs are those that .ci/servers has built in tmp/servers/trillian, and Debian's
// PostgreSQL, or its MariaDB where CUSTODY_DATABASE is mariadb. A test that asks for them
// where they are missing fails.
package trilliantest

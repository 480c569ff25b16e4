// Package s3test starts the S3 servers that tests of object storage run against:
// two that have nothing in common. They are built by .ci/servers into tmp/servers,
// listen on loopback, keep everything in a folder of the test, and are stopped by
// their own process id when the test ends.
package s3test

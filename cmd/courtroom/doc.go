// Command courtroom makes the judge's page: the verifier, compiled to
// WebAssembly, inside one HTML file that opens from disk in a current browser,
// without network, account or installation.
//
//	go run ./cmd/courtroom --out courtroom.html [--trust LIST]
//
// The package is two programs. For this machine it is the maker: it compiles
// the other one and puts it together with page/ into the file. For js/wasm it is
// the verifier in the page, in a worker of its own:
//
//	page (page.js) ── messages ── worker (worker.js) ── calls ── Go (wasm_*.go)
//	                                   └─ reads the file, hashes chunks natively
//
// The page's policy forbids every request to anywhere, and every script but the
// ones in the file, which it names by digest. It decides nothing itself: the
// verdict is [verify.File]'s, the words are [report.Main]'s. Same source, same Go,
// same trust list: same bytes.
package main

package verify

// byHand tells for each question how to check it without this program, with
// tools that any office has: coreutils, xxd, openssl 3. Words in capitals are
// values from the package. A test runs the commands.
var byHand = map[int]string{
	1: `Copy: sha256sum payload/1/1.jpg must be "sha256" of that file in record/events.jsonl and record/inventory.csv. ` +
		`Content tree: split -b 1048576 FILE part. ; for each part (printf '\000'; cat part.aa) | sha256sum ; join two by two with ` +
		`(printf '\001'; printf LEFT | xxd -r -p; printf RIGHT | xxd -r -p) | sha256sum , splitting at the largest power of two below their number; it must be "tree". ` +
		`Record: value hash (printf SALT | xxd -r -p; printf '%s' 'VALUE') | sha256sum ; leaf (printf '\000'; printf LENGTH | xxd -r -p; printf NAME; printf VALUE_HASH | xxd -r -p) | sha256sum , ` +
		`LENGTH being that of the name in four hexadecimal digits; joined as above they must be "root" in the payload (question 2).`,
	2: `Envelope: "envelope" of a line of record/events.jsonl, printf ENVELOPE | base64 -d > envelope.json ; of what is in it, printf PAYLOAD | base64 -d > p.json and printf SIG | base64 -d > s.der . ` +
		`What was signed, TYPE being payloadType: printf 'DSSEv1 %d %s %d ' ${#TYPE} "$TYPE" $(wc -c < p.json) | cat - p.json > signed.bin . ` +
		`The key is "spki" in the enrol event whose item the signer names: printf SPKI | base64 -d | openssl pkey -pubin -inform DER -out key.pem . ` +
		`openssl dgst -sha256 -verify key.pem -signature s.der signed.bin . ` +
		`The enrol event is signed the same way by the authority, whose key is openssl x509 -inform DER -in trust/cert-DIGEST.der -noout -pubkey > key.pem , DIGEST being in your own trust list.`,
	3: `Read the payloads (question 2) in the order of "seq". Each names in "previous" the leaf hash of the one before (question 4). Custody passes with each accept, signed by the key that the offer before it names in "counterparty".`,
	4: `Leaf: commitments (printf custody/event/v1; printf SALT | xxd -r -p; cat envelope.json) | sha256sum and the same | openssl dgst -sha3-256 -r ; ` +
		`(printf '\001'; printf SEAL_KEY | xxd -r -p; printf FIRST | xxd -r -p; printf SECOND | xxd -r -p) > leaf.bin ; leaf hash (printf '\000'; cat leaf.bin) | sha256sum . ` +
		`Seal: (printf custody/seal/v1; printf SEAL_KEY | xxd -r -p) | sha256sum must be "closes". ` +
		`Place: "proof" in proof/logs.jsonl is, printf PROOF | base64 -d | xxd -p -c 32 , a list of hashes; join the leaf hash with one after the other as in question 1, on the side that RFC 9162, 2.1.3.2, says for the index, ` +
		`up to the root in the shared checkpoint, third line of the note: printf ROOT | base64 -d | xxd -p -c 32 . ` +
		`Open seal: its map proof in proof/logs.jsonl begins with (printf '\000custody/closed/v1'; printf KEY | xxd -r -p; printf VALUE | xxd -r -p) | sha256sum ; its steps, printf PATH | base64 -d | xxd -p -c 33 , are one byte BIT and a hash each; ` +
		`from the last step to the first (printf '\001custody/closed/v1'; printf BIT | xxd -r -p; printf LEFT | xxd -r -p; printf RIGHT | xxd -r -p) | sha256sum , the hash standing right where bit BIT of the seal is 0; ` +
		`the end must be bytes 10 to 41 of the epoch's leaf, which has its place like any other. A "key" other than the seal means that the seal is not closed.`,
	5: `Notes: each line of proof/notes.jsonl, printf NOTE | base64 -d > note , ends in signature lines. The time of a cosignature, seconds since 1970 in hexadecimal: printf LAST_WORD | base64 -d | tail -c +5 | head -c 8 | xxd -p . ` +
		`An anchor is sha256sum note .`,
	6: `Text of a note: head -n 3 note > text . Keys are in your own trust list, name+hash+base64: printf BASE64 | base64 -d | tail -c 32 | xxd -p -c 32 ; printf 302a300506032b6570032100KEY | xxd -r -p | openssl pkey -pubin -inform DER -out key.pem . ` +
		`Ledger: printf LAST_WORD | base64 -d | tail -c +5 > sig . Cosigner: (printf 'cosignature/v1\ntime SECONDS\n'; head -n 3 note) > text and printf LAST_WORD | base64 -d | tail -c +13 > sig . ` +
		`openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in text -sigfile sig . Which of them are enough is the policy, trust/policy-*.txt.`,
	7:  `Read "standard" in the payload of the collect event and the standard itself.`,
	8:  `Read the entry "authority" in the record of the collect event; compare it with the order or request itself.`,
	9:  `Count the entries without "value" in each "record" of record/events.jsonl, and compare with record/withheld.csv.`,
	10: `Nothing to compute: these limits hold whatever the answers above.`,
}

// tokenByHand is added to the recipe of question 5 where there is a timestamp token.
const tokenByHand = `Timestamp token, over one of the notes: openssl ts -verify -token_in -in proof/token-DIGEST.tst -data note -CAfile tsa.pem -partial_chain -no_check_time ; ` +
	`its certificate is in it: openssl pkcs7 -inform DER -in proof/token-DIGEST.tst -print_certs -out tsa.pem ; your own trust list must name it: openssl x509 -in tsa.pem -outform DER | sha256sum . ` +
	`Its time: openssl ts -reply -token_in -in proof/token-DIGEST.tst -token_out -text .`

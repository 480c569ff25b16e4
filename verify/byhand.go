package verify

// byHand tells for each question how to check it without this program, with
// tools that any office has. Words in capitals are values from the package.
var byHand = map[int]string{
	1: `sha256sum payload/1/1.jpg and compare with "sha256" of that file in record/events.jsonl and record/inventory.csv. ` +
		`Content tree: split -b 1048576 FILE part.; for each part (printf '\000'; cat part.aa) | sha256sum; join two by two from the left with (printf '\001'; printf LEFT | xxd -r -p; printf RIGHT | xxd -r -p) | sha256sum, splitting at the largest power of two. ` +
		`Record: value hash = (printf SALT | xxd -r -p; printf '%s' 'VALUE') | sha256sum; leaf = two bytes of name length, name, value hash; roots as above.`,
	2: `Take "envelope" of a line of record/events.jsonl: base64 -d gives JSON with "payload" and "signatures". ` +
		`base64 -d of payload > p.json; printf 'DSSEv1 %d %s %d ' ${#TYPE} "$TYPE" $(wc -c < p.json) | cat - p.json > signed.bin, TYPE being payloadType. ` +
		`The key is "spki" in the enrol event whose item the signer names: base64 -d > key.der; openssl pkey -pubin -inform DER -in key.der -out key.pem; base64 -d of "sig" > s.der; openssl dgst -sha256 -verify key.pem -signature s.der signed.bin. ` +
		`The enrol event is signed the same way by the authority: openssl x509 -inform DER -in trust/cert-*.der -noout -pubkey.`,
	3: `Read the payloads in the order of "seq". Each names in "previous" the leaf hash of the one before (question 4 says how to compute it). Custody passes with each accept, signed by the key that the offer before it names in "counterparty".`,
	4: `Leaf: (printf '\001'; printf SEAL_KEY | xxd -r -p; (printf custody/event/v1; printf SALT | xxd -r -p; cat envelope.json) | sha256sum and openssl dgst -sha3-256 of the same), 97 bytes; leaf hash = (printf '\000'; cat leaf.bin) | sha256sum. ` +
		`Seal: (printf custody/seal/v1; printf SEAL_KEY | xxd -r -p) | sha256sum must be "closes". ` +
		`Follow "proof" in proof/logs.jsonl upwards with (printf '\001'; LEFT; RIGHT) | sha256sum to the root in the checkpoint (base64 -d of the third line of the note). ` +
		`The open seal: hash its map proof in proof/logs.jsonl upwards the same way with the prefixes of spec/leaf.md to the root in the epoch leaf, bytes 10 to 41; "key" other than the seal means it is not closed.`,
	5: `Each note in proof/notes.jsonl (base64 -d) ends in signature lines. In a cosignature line base64 -d of the last word is 4 bytes of key id, 8 bytes of time (seconds since 1970), then the signature: ... | tail -c +5 | head -c 8 | xxd -p. ` +
		`An anchor is the sha256sum of the whole note.`,
	6: `The signed text is the note up to and including its third line. Log: Ed25519 over that text. Cosigner: Ed25519 over "cosignature/v1", line end, "time SECONDS", line end, that text. ` +
		`openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in text -sigfile sig; the keys are in your own trust list (name+hash+base64; the base64 is one byte of type and 32 of key). Which of them are enough is the policy, trust/policy-*.txt.`,
	7:  `Read "standard" in the payload of the collect event and the standard itself.`,
	8:  `Read the entry "authority" in the record of the collect event; compare it with the order or request itself.`,
	9:  `Count the entries without "value" in each "record" of record/events.jsonl, and compare with record/withheld.csv.`,
	10: `Nothing to compute: these limits hold whatever the answers above.`,
}

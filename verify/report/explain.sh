#!/usr/bin/env bash
# Every step of the proof, to be done again by hand. Each line below the
# functions computes one hash or checks one signature with tools that any office
# has (bash, coreutils, openssl 3; unzip for inner bags) and says "ok" or "DIFFERS". Nothing in it
# uses the program that wrote it. Run it in the folder into which the package was
# unzipped, and it computes the evidence copies again, too.
#
# What is hashed is written as parts, one behind the other: hexadecimal digits
# are bytes, text:… is text, base64:… is base64.
set -u
export LC_ALL=C
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
steps=0 wrong=0 missing=0

# bytes PART… writes the parts.
bytes() {
  local part octets i
  for part; do
    case $part in
      text:*) printf '%s' "${part#text:}" ;;
      base64:*) printf '%s' "${part#base64:}" | base64 -d ;;
      *)
        octets=
        for ((i = 0; i < ${#part}; i += 2)); do octets+="\\x${part:i:2}"; done
        printf "$octets"
        ;;
    esac
  done
}

# is NAME WANTED FOUND compares two values.
is() {
  steps=$((steps + 1))
  if [ "$2" = "$3" ]; then echo "ok       $1"; else
    wrong=$((wrong + 1))
    echo "DIFFERS  $1: $2 is wanted, $3 is found"
  fi
}

# digest NAME WANTED FOUND compares digests; behind FOUND the tools write a name.
digest() { is "$1" "$2" "${3%% *}"; }

# sha256 NAME WANTED PART… and sha3 compute the digest of the parts.
sha256() { local name=$1 want=$2; shift 2; digest "$name" "$want" "$(bytes "$@" | sha256sum)"; }
sha3() { local name=$1 want=$2; shift 2; digest "$name" "$want" "$(bytes "$@" | openssl dgst -sha3-256 -r)"; }

# signed NAME SUITE KEY TYPE PAYLOAD SIGNATURE checks a signature of an envelope:
# over "DSSEv1", length and text of the type, length and text of the payload.
# KEY (DER), PAYLOAD and SIGNATURE are base64.
signed() {
  bytes "base64:$3" | openssl pkey -pubin -inform DER -out "$work/key.pem"
  bytes "base64:$5" >"$work/payload"
  { printf 'DSSEv1 %d %s %d ' "${#4}" "$4" "$(wc -c <"$work/payload")"; cat "$work/payload"; } >"$work/message"
  bytes "base64:$6" >"$work/signature"
  local how=-sha256
  case $2 in
    ecdsa-p384-sha384) how=-sha384 ;;
    rsa-pss-3072-sha256) how='-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32' ;;
  esac
  # shellcheck disable=SC2086
  is "$1" 'Verified OK' "$(openssl dgst $how -verify "$work/key.pem" -signature "$work/signature" "$work/message" 2>&1 | head -1)"
}

# ed25519 NAME KEY MESSAGE SIGNATURE checks a signature of a ledger, witness or
# auditor; KEY is 32 bytes as digits, the others base64.
ed25519() {
  bytes 302a300506032b6570032100 "$2" | openssl pkey -pubin -inform DER -out "$work/key.pem"
  bytes "base64:$3" >"$work/message"
  bytes "base64:$4" >"$work/signature"
  is "$1" 'Signature Verified Successfully' \
    "$(openssl pkeyutl -verify -pubin -inkey "$work/key.pem" -rawin -in "$work/message" -sigfile "$work/signature" 2>&1 | head -1)"
}

# keyof NAME WANTED CERTIFICATE computes the id of a certificate's key: the
# SHA-256 of its SubjectPublicKeyInfo. CERTIFICATE (DER) is base64.
keyof() {
  digest "$1" "$2" "$(bytes "base64:$3" | openssl x509 -inform DER -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum)"
}

# join LEFT RIGHT is SHA-256(0x01 ‖ LEFT ‖ RIGHT).
join() { first "$(bytes 01 "$1" "$2" | sha256sum)"; }
first() { echo "${1%% *}"; }

# tree FILE prints the content tree: leaves are chunks of 1 MiB, joined two by
# two from the left, an odd one waiting for its turn.
tree() {
  local size chunks n k stack=() top
  size=$(wc -c <"$1")
  chunks=$(((size + 1048575) / 1048576))
  if [ "$chunks" = 0 ]; then first "$(sha256sum </dev/null)"; return; fi
  for ((n = 0; n < chunks; n++)); do
    stack+=("$(first "$({ printf '\0'; dd if="$1" bs=1048576 skip="$n" count=1 status=none; } | sha256sum)")")
    for ((k = n; k & 1; k >>= 1)); do
      top=$(join "${stack[-2]}" "${stack[-1]}")
      unset 'stack[-1]'
      stack[-1]=$top
    done
  done
  while [ ${#stack[@]} -gt 1 ]; do
    top=$(join "${stack[-2]}" "${stack[-1]}")
    unset 'stack[-1]'
    stack[-1]=$top
  done
  echo "${stack[0]}"
}

# copy NAME ENTRY MEMBER SIZE TREE SHA256 computes an evidence copy again; MEMBER
# is its name in an inner bag, SHA256 may be empty.
copy() {
  local file=$2
  if [ ! -e "$2" ]; then
    missing=$((missing + 1))
    echo "not here $1: $2"
    return
  fi
  if [ -n "$3" ]; then file=$work/member; unzip -p "$2" "$3" >"$file"; fi
  is "$1, size" "$4" "$(($(wc -c <"$file")))"
  is "$1, content tree" "$5" "$(tree "$file")"
  [ -z "$6" ] || digest "$1, SHA-256" "$6" "$(sha256sum <"$file")"
}

#!/bin/bash
# How long the records of many mail domains take to a file, beside a script in Python that fills them into
# an f-string, and beside `cp` of the same octets: ratios of the time by the clock, round by round.
#
#     cargo build --release && benches/generate.sh [DOMAINS] [ROUNDS] [PROGRAM] [FOLDER]
#
# Needs python3. The folder is where the files are made; on a disk the rounds differ more than in memory
# (/dev/shm), where nothing is written behind anybody's back.
set -euo pipefail

domains=${1:-1000000} rounds=${2:-5}
program=$(readlink -f "${3:-$(dirname "$0")/../target/release/mailsrv}")
folder=$(mktemp -d -p "${4:-${TMPDIR:-/tmp}}")
cd "$folder"
trap 'rm -rf "$folder"' EXIT

seq -f 'd%07.0f.test' "$domains" >list
{
    printf 'import sys\nout = open("theirs", "w", buffering=1 << 20)\n'
    printf 'for line in open("list"):\n    d = line.strip()\n    out.write(f"""'
    "$program" generate --quiet example.com | sed 's/example\.com/{d}/g'
    printf '\n""")\n'
} >script.py

# Seconds that a command takes, whose file is not there yet.
clock() {
    local file=$1 begun=$EPOCHREALTIME
    shift
    rm -f "$file"
    begun=$EPOCHREALTIME
    "$@"
    awk -v begun="$begun" -v ended="$EPOCHREALTIME" 'BEGIN { print ended - begun }'
}
for round in $(seq "$rounds"); do
    ours=$(clock ours "$program" generate --quiet --input list -o ours)
    theirs=$(clock theirs python3 script.py)
    copied=$(clock copy cp ours copy)
    # The script ends its text with one more end of line.
    cmp <(cat ours; echo) theirs
    awk -v ours="$ours" -v theirs="$theirs" -v copied="$copied" 'BEGIN {
        printf "%.2f s; %.2f of the script (%.2f s), %.1f times the cp (%.2f s)\n",
            ours, ours / theirs, theirs, ours / copied, copied
    }'
done

#!/bin/bash
# What the audit of many healthy domains costs beside dnsperf, which asks for the same names and judges
# nothing: processor time by domain, and the ratio of the two, round by round.
#
#     cargo build --release && benches/live.sh [DOMAINS] [ROUNDS] [PROGRAM]
#
# Needs nsd and dnsperf, and two processors: the server has the first, the client the second.
set -euo pipefail

domains=${1:-20000} rounds=${2:-3}
program=$(readlink -f "${3:-$(dirname "$0")/../target/release/mailsrv}")
port=5399
folder=$(mktemp -d)
cd "$folder"
server=
trap '[ -z "$server" ] || { kill "$server" && wait "$server"; } || :; rm -rf "$folder"' EXIT

seq -f 'd%07.0f.test' "$domains" >list
{
    printf '$ORIGIN test.\n@ 3600 IN SOA ns host 1 7200 3600 1209600 300\n@ 3600 IN NS ns\n'
    printf 'ns 3600 IN A 127.0.0.1\n'
    "$program" generate --quiet --input list
    sed 's/.*/&. 3600 IN MX 10 mail.&.\nmail.&. 3600 IN A 192.0.2.1\nmail.&. 3600 IN AAAA 2001:db8::1/' list
} >zone
awk '{ for (i = split("_imaps _imap _pop3s _pop3 _submissions _submission _autodiscover", label); i; i--)
           print label[i] "._tcp." $1 " SRV"
       print $1 " MX\nautoconfig." $1 " A\nautodiscover." $1 " A\nmail." $1 " A\nmail." $1 " AAAA" }' list >queries
cat >nsd.conf <<C
server:
  ip-address: 127.0.0.1@$port
  server-count: 1
  username: ""
  chroot: ""
  zonesdir: "$folder"
  database: ""
  pidfile: "$folder/pid"
  zonelistfile: "$folder/zones"
  xfrdfile: "$folder/xfrd"
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: test.
  zonefile: zone
C
taskset -c 0 nsd -d -c nsd.conf 2>log &
server=$!
printf 'd%07.0f.test\n' 1 >one
until "$program" audit --quiet --input one --resolver "127.0.0.1:$port" >/dev/null 2>&1; do
    kill -0 "$server"
    sleep 0.2
done

# Processor time of a command in microseconds.
cost() {
    command time -o cost -f '%U %S' taskset -c 1 "$@" >/dev/null 2>&1
    awk '{ print int(($1 + $2) * 1000000) }' cost
}
for round in $(seq "$rounds"); do
    ours=$(cost "$program" audit --quiet --input list --resolver "127.0.0.1:$port" -f json -o report)
    theirs=$(cost dnsperf -s 127.0.0.1 -p "$port" -d queries -q 250 -n 1)
    awk -v ours="$ours" -v theirs="$theirs" -v domains="$domains" 'BEGIN {
        printf "%.2f us a domain, dnsperf %.2f us: %.2f of it\n", ours / domains, theirs / domains, ours / theirs
    }'
done

# shellcheck shell=sh
# SPDX-License-Identifier: BSD-3-Clause
# A capture of curl, and the JA4 that it must give.
set -eu
capture=samples/captures/curl-openssl-tls13.pcap
# shellcheck disable=SC2034
expected=$(sed -nE 's/.*\tja4=([^\t]*).*/\1/p' tests/goldens/curl-openssl-tls13.pcap.tsv | sort -u)
test -n "$expected"

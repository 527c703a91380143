# SPDX-License-Identifier: BSD-3-Clause
"""A hello that has all that is printed, one that has next to nothing, and their fingerprints."""

from builders import *
from search_test import hellos


def full(name, protocols=(b"h2",), ciphers=(0x1301, 0xC02F)):
    """A record with a hello that has all that is printed."""
    extensions = [
        synthetic.server_name(name),
        synthetic.groups(0x0A0A, 0x1D, 0x17),
        synthetic.point_formats(0),
        synthetic.signature_algorithms(0x0403, 0x0804),
        synthetic.alpn(*protocols),
        synthetic.versions(0x1A1A, 0x0304, 0x0303),
    ]
    return record(synthetic.client_hello(*extensions, ciphers=ciphers))


BARE = record(synthetic.client_hello(block=False))
RAW = "t13d0206h2_1301,c02f_000a,000b,000d,002b_0403,0804"
JA3_R = "771,4865-49199,0-10-11-13-16-43,29-23,0"
JA4 = hellos.ja4_of(RAW)
BARE_JA4 = "t12i020000_c1929292aa6b_000000000000"


def capture_of(*records):
    """A connection for each."""
    packets = [packet for i, data in enumerate(records) for packet in opened(data, client_port=50000 + i)]
    return pcap(frames_of(packets))

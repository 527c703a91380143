# SPDX-License-Identifier: BSD-3-Clause
"""Hellos at the edges of what JA3 and JA4 say, each with its raw fingerprints; the hashes follow from those.

The capture that write() makes holds one frame for each case, in a connection of its own, in this order.
"""

import collections

from synthetic import (
    CLIENT_PORT,
    DTLS_PORT,
    Stream,
    alpn,
    client_hello,
    dtls_hello,
    extension,
    groups,
    openvpn,
    pcap,
    point_formats,
    record,
    server_name,
    signature_algorithms,
    udp,
    versions,
    vxlan,
)

Case = collections.namedtuple("Case", "name carrier hello ja4_r ja3_r")


def tcp_frame(port, hello):
    return Stream(client_port=port).client(record(hello))


def dtls_frame(port, datagram):
    return udp(datagram, DTLS_PORT, source_port=port)


def vxlan_frame(port, hello):
    return vxlan(tcp_frame(port, hello))


def openvpn_frame(_, hello):
    return openvpn(record(hello))


def tls(name, hello, ja4_r, ja3_r):
    return Case(name, tcp_frame, hello, ja4_r, ja3_r)


def dtls(name, datagram, ja4_r, ja3_r):
    return Case(name, dtls_frame, datagram, ja4_r, ja3_r)


SNI, GROUPS, FORMATS = server_name(), groups(0x1D), point_formats(0)
ALGORITHMS, H2, TLS13 = signature_algorithms(0x0403, 0x0804), alpn(b"h2", b"http/1.1"), versions(0x0304, 0x0303)
ORDINARY = [SNI, GROUPS, FORMATS, ALGORITHMS, H2, TLS13]


def with_alpn(*protocols):
    return client_hello(SNI, ALGORITHMS, alpn(*protocols))


def alpn_case(name, protocols, characters):
    return tls(
        name, with_alpn(*protocols), f"t12d0203{characters}_1301,c02f_000d_0403,0804", "771,4865-49199,0-13-16,,"
    )


def version_case(name, extensions, code, ja3_version=0x0303):
    """SNI is there, signature algorithms are not."""
    hello = client_hello(SNI, *extensions, version=ja3_version)
    n, kinds, ja4_kinds = (2, "0-43", "002b") if extensions else (1, "0", "")
    return tls(name, hello, f"t{code}d020{n}00_1301,c02f_{ja4_kinds}", f"{ja3_version},4865-49199,{kinds},,")


def sni_case(name, sent):
    return tls(name, client_hello(sent, TLS13), "t13d020200_1301,c02f_002b", "771,4865-49199,0-43,,")


MANY_CIPHERS = [0xC000 + i for i in range(120)]
MANY_KINDS = [0x1000 + i for i in range(110)]

CASES = [
    tls(
        "ordinary",
        client_hello(*ORDINARY),
        "t13d0206h2_1301,c02f_000a,000b,000d,002b_0403,0804",
        "771,4865-49199,0-10-11-13-16-43,29,0",
    ),
    tls(
        "sorted by value",
        client_hello(TLS13, FORMATS, signature_algorithms(0x0804, 0x0403), GROUPS, ciphers=[0xC02F, 0x1302, 0x1301]),
        "t13i030400_1301,1302,c02f_000a,000b,000d,002b_0804,0403",
        "771,49199-4866-4865,43-11-13-10,29,0",
    ),
    # GREASE
    tls(
        "GREASE in each list but the signature algorithms",
        client_hello(
            extension(0x0A0A),
            SNI,
            groups(0x2A2A, 0x1D),
            ALGORITHMS,
            H2,
            versions(0xFAFA, 0x0304),
            extension(0xEAEA, b"\0"),
            ciphers=[0x3A3A, 0x1301, 0xC02F],
        ),
        "t13d0205h2_1301,c02f_000a,000d,002b_0403,0804",
        "771,4865-49199,0-10-13-16-43,29,",
    ),
    tls(
        "GREASE in the signature algorithms",
        client_hello(SNI, signature_algorithms(0x0403, 0x5A5A, 0x0804), H2, TLS13),
        "t13d0204h2_1301,c02f_000d,002b_0403,0804",
        "771,4865-49199,0-13-16-43,,",
    ),
    tls(
        "0x1a2a is no GREASE",
        client_hello(
            SNI, extension(0x1A2A), groups(0x1A2A), signature_algorithms(0x1A2A), ciphers=[0x1A2A, 0x2A1A, 0x1301]
        ),
        "t12d030400_1301,1a2a,2a1a_000a,000d,1a2a_1a2a",
        "771,6698-10778-4865,0-6698-10-13,6698,",
    ),
    tls(
        "nothing but GREASE",
        client_hello(extension(0x0A0A), groups(), ciphers=[0x1A1A]),
        "t12i000100__000a",
        "771,,10,,",
    ),
    # Versions
    version_case("TLS 1.2 by the legacy version", [], "12"),
    version_case("TLS 1.1", [], "11", 0x0302),
    version_case("TLS 1.0", [], "10", 0x0301),
    version_case("SSL 3.0", [], "s3", 0x0300),
    version_case("TLS 1.3 in the legacy version", [], "13", 0x0304),
    version_case("supported_versions lower than the legacy version", [versions(0x0302, 0x0301)], "11"),
    version_case("the highest of supported_versions is last", [versions(0x0302, 0x0303, 0x0304)], "13"),
    version_case("only GREASE in supported_versions", [versions(0x1A1A)], "12"),
    version_case("supported_versions without values", [versions()], "12"),
    version_case("a draft of TLS 1.3", [versions(0x7F1C, 0x0303)], "00"),
    version_case("a draft beside TLS 1.3", [versions(0x0304, 0x7F1C)], "00"),
    # SNI
    tls("no SNI", client_hello(TLS13), "t13i020100_1301,c02f_002b", "771,4865-49199,43,,"),
    sni_case("SNI with an empty name", server_name(b"")),
    sni_case("SNI without a body", extension(0)),
    sni_case("SNI with an address", server_name(b"192.0.2.1")),
    # Counts
    tls(
        "120 ciphers",
        client_hello(TLS13, ciphers=MANY_CIPHERS),
        f"t13i990100_{','.join(f'{value:04x}' for value in MANY_CIPHERS)}_002b",
        f"771,{'-'.join(map(str, MANY_CIPHERS))},43,,",
    ),
    tls(
        "110 extensions",
        client_hello(*(extension(kind) for kind in MANY_KINDS)),
        f"t12i029900_1301,c02f_{','.join(f'{kind:04x}' for kind in MANY_KINDS)}",
        f"771,4865-49199,{'-'.join(map(str, MANY_KINDS))},,",
    ),
    tls(
        "SCSVs and private ciphers count",
        client_hello(TLS13, ciphers=[0x00FF, 0x5600, 0xFE00, 0xFEFF, 0x1301]),
        "t13i050100_00ff,1301,5600,fe00,feff_002b",
        "771,255-22016-65024-65279-4865,43,,",
    ),
    # ALPN
    alpn_case("ALPN http/1.1", [b"http/1.1", b"h2"], "h1"),
    alpn_case("ALPN of one letter", [b"x"], "xx"),
    alpn_case("ALPN of one byte that is none of ASCII's", [b"\xab"], "ab"),
    alpn_case("ALPN of two such bytes", [b"\xab\xcd"], "ad"),
    alpn_case("ALPN of three such bytes", [b"\xab\xcd\xef"], "af"),
    alpn_case("ALPN of a digit and such a byte", [b"0\xab"], "3b"),
    alpn_case("ALPN of such a byte and a digit", [b"\xab0"], "a0"),
    alpn_case("ALPN of two digits and two such bytes", [b"01\xab\xcd"], "3d"),
    alpn_case("ALPN of two such bytes between digits", [b"0\xab\xcd1"], "01"),
    alpn_case("ALPN that ends in a hyphen", [b"h2-"], "6d"),
    alpn_case("ALPN of one hyphen", [b"-"], "2d"),
    alpn_case("ALPN with an empty first value", [b"", b"h2"], "00"),
    alpn_case("ALPN without values", [], "00"),
    alpn_case("ALPN with GREASE first", [b"\x0a\x0a", b"h2"], "h2"),
    alpn_case("ALPN with GREASE, of letters, first", [b"ZZ", b"h2"], "h2"),
    alpn_case("ALPN with GREASE only", [b"\x1a\x1a"], "00"),
    # Empty lists
    tls("no ciphers", client_hello(SNI, TLS13, ciphers=[]), "t13d000200__002b", "771,,0-43,,"),
    tls("no extension block", client_hello(block=False), "t12i020000_1301,c02f_", "771,4865-49199,,,"),
    tls("an empty extension block", client_hello(), "t12i020000_1301,c02f_", "771,4865-49199,,,"),
    tls("neither ciphers nor extensions", client_hello(ciphers=[], block=False), "t12i000000__", "771,,,,"),
    tls("SNI and ALPN only", client_hello(SNI, H2), "t12d0202h2_1301,c02f_", "771,4865-49199,0-16,,"),
    tls("no signature algorithms", client_hello(SNI, GROUPS), "t12d020200_1301,c02f_000a", "771,4865-49199,0-10,29,"),
    tls(
        "an empty list of signature algorithms",
        client_hello(signature_algorithms()),
        "t12i020100_1301,c02f_000d",
        "771,4865-49199,13,,",
    ),
    tls(
        "signature_algorithms_cert only",
        client_hello(extension(50, b"\0\x02\x04\x03")),
        "t12i020100_1301,c02f_0032",
        "771,4865-49199,50,,",
    ),
    # Leftovers
    tls(
        "an odd byte behind the ciphers",
        client_hello(TLS13, cipher_bytes=bytes.fromhex("1301c02f77")),
        "t13i020100_1301,c02f_002b",
        "771,4865-49199,43,,",
    ),
    tls(
        "three bytes behind the extensions",
        client_hello(TLS13, GROUPS, tail=b"\0\1\2"),
        "t13i020200_1301,c02f_000a,002b",
        "771,4865-49199,43-10,29,",
    ),
    tls(
        "bytes behind the extension block",
        client_hello(TLS13, GROUPS, after=b"\0\1\2\3\4"),
        "t13i020200_1301,c02f_000a,002b",
        "771,4865-49199,43-10,29,",
    ),
    tls(
        "extensions without bodies",
        client_hello(extension(10), extension(11), extension(13), extension(16), extension(43)),
        "t12i020500_1301,c02f_000a,000b,000d,002b",
        "771,4865-49199,10-11-13-16-43,,",
    ),
    tls(
        "a list of groups longer than its extension",
        client_hello(extension(10, bytes.fromhex("0008001d0017")), TLS13),
        "t13i020200_1301,c02f_000a,002b",
        "771,4865-49199,10-43,29-23,",
    ),
    tls(
        "a list of groups shorter than its extension",
        client_hello(extension(10, bytes.fromhex("0002001d0017")), TLS13),
        "t13i020200_1301,c02f_000a,002b",
        "771,4865-49199,10-43,29,",
    ),
    tls(
        "an odd byte behind the signature algorithms",
        client_hello(extension(13, bytes.fromhex("000504030804ff")), TLS13),
        "t13i020200_1301,c02f_000d,002b_0403,0804",
        "771,4865-49199,13-43,,",
    ),
    tls(
        "extensions sent twice",
        client_hello(TLS13, groups(0x1D), groups(0x17), ALGORITHMS, signature_algorithms(0x0601)),
        "t13i020500_1301,c02f_000a,000a,000d,000d,002b_0403,0804",
        "771,4865-49199,43-10-10-13-13,29,",
    ),
    # DTLS
    dtls(
        "DTLS 1.2",
        dtls_hello(SNI, GROUPS, ALGORITHMS),
        "dd2d020300_1301,c02f_000a,000d_0403,0804",
        "65277,4865-49199,0-10-13,29,",
    ),
    dtls(
        "DTLS 1.0",
        dtls_hello(GROUPS, version=0xFEFF, cookie=b"cookie"),
        "dd1i020100_1301,c02f_000a",
        "65279,4865-49199,10,29,",
    ),
    dtls(
        "DTLS 1.3",
        dtls_hello(versions(0xFEFC), ALGORITHMS),
        "dd3i020200_1301,c02f_000d,002b_0403,0804",
        "65277,4865-49199,43-13,,",
    ),
    dtls(
        "DTLS 1.3 and 1.2: the numerically highest",
        dtls_hello(versions(0xFEFC, 0xFEFD), ALGORITHMS),
        "dd2i020200_1301,c02f_000d,002b_0403,0804",
        "65277,4865-49199,43-13,,",
    ),
    dtls(
        "DTLS of OpenSSL before 0.9.8f",
        dtls_hello(GROUPS, version=0x0100),
        "d00i020100_1301,c02f_000a",
        "256,4865-49199,10,29,",
    ),
    # Tunnels
    Case(
        "TLS in VXLAN",
        vxlan_frame,
        client_hello(*ORDINARY),
        "t13d0206h2_1301,c02f_000a,000b,000d,002b_0403,0804",
        "771,4865-49199,0-10-11-13-16-43,29,0",
    ),
    Case(
        "TLS in OpenVPN over UDP",
        openvpn_frame,
        client_hello(*ORDINARY),
        "t13d0206h2_1301,c02f_000a,000b,000d,002b_0403,0804",
        "771,4865-49199,0-10-11-13-16-43,29,0",
    ),
]


def write(path):
    pcap(path, [case.carrier(CLIENT_PORT + number, case.hello) for number, case in enumerate(CASES)])

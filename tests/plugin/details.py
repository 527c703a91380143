#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What stands beside the fingerprints: flags, and each listed value by name."""

import re
import unittest

import needs
import synthetic
from plugin_test import PluginTest
from synthetic import (
    CLIENT_HELLO,
    DTLS_PORT,
    Stream,
    alpn,
    client_hello,
    dtls_fragments,
    dtls_record,
    extension,
    groups,
    hello_body,
    record,
    server_hello,
    server_name,
    signature_algorithms,
    udp,
    versions,
)

FLAGS = ["retry", "resumption", "grease", "pq", "ech"]
RETRY_RANDOM = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
# Wireshark 4.0 takes a boolean out as "1" or "0", later ones as these.
BOOLEANS = {"1": True, "0": False, "True": True, "False": False}


def retry_request():
    """RFC 8446 4.1.3: a ServerHello with one certain random."""
    return server_hello(extension(51, b"\0\x17")).replace(synthetic.RANDOM, RETRY_RANDOM)


class Flags(PluginTest):
    def set_flags(self, capture, options=()):
        """{frame: names of the flags that are set} of the frames with a ClientHello; several hellos are joined."""
        found = self.frames(capture, "ja4", *FLAGS, options=options)
        answer = {}
        for frame, (ja4, *values) in found.items():
            if not ja4:
                continue
            answer[frame] = " ".join(
                f"{name}={value}" if ";" in value else name
                for name, value in zip(FLAGS, values)
                if any([BOOLEANS[one] for one in value.split(";")])
            )
        return answer

    def check(self, frames, expected):
        capture = self.write(frames)
        self.assertEqual(self.set_flags(capture), expected)
        self.assertEqual(self.set_flags(capture, ["-2"]), expected, "-2")

    def test_each(self):
        hellos = {
            "": client_hello(server_name(), groups(0x1D), versions(0x0304)),
            "resumption": client_hello(extension(41, b"")),
            "grease": client_hello(groups(0x0A0A, 0x1D)),
            "pq": client_hello(groups(0x11EC, 0x1D)),
            "ech": client_hello(extension(0xFE0D, b"\0")),
            "retry": client_hello(extension(44, b"\0\1\1")),
        }
        frames = [Stream(client_port=50000 + at).client(record(hello)) for at, hello in enumerate(hellos.values())]
        self.check(frames, dict(enumerate(hellos, 1)))

    def test_ticket(self):
        """An empty session_ticket asks for one, another offers one (RFC 5077 3.2)."""
        frames = [
            Stream(client_port=50001).client(record(client_hello(extension(35)))),
            Stream(client_port=50002).client(record(client_hello(extension(35, b"ticket")))),
        ]
        self.check(frames, {1: "", 2: "resumption"})

    def test_retry(self):
        """Second hellos on TCP, with and without the retry; each connection by itself."""
        first, second = record(client_hello(server_name())), record(client_hello(alpn(b"h2")))
        one, two = Stream(client_port=50001), Stream(client_port=50002)
        frames = [
            one.client(first),
            two.client(first),
            one.server(record(retry_request())),
            two.server(record(server_hello())),
            two.client(second),
            one.client(second),
            one.client(second),
        ]
        self.check(frames, {1: "", 2: "", 5: "", 6: "retry", 7: ""})

    def test_retry_in_dtls(self):
        hello = dtls_fragments(CLIENT_HELLO, hello_body([server_name()], version=0xFEFD, cookie=b""))[0]
        answer = dtls_fragments(2, retry_request()[4:])[0]
        frames = [
            udp(dtls_record(hello), DTLS_PORT),
            udp(dtls_record(answer), synthetic.CLIENT_PORT, DTLS_PORT),
            udp(dtls_record(hello, 1), DTLS_PORT),
        ]
        # Frame 2 goes from the client's address to the client's port: another conversation for Wireshark.
        frames[1] = synthetic.ethernet(
            synthetic.ipv4(
                dtls_datagram(dtls_record(answer), DTLS_PORT, synthetic.CLIENT_PORT),
                17,
                synthetic.SERVER,
                synthetic.CLIENT,
            )
        )
        self.check(frames, {1: "", 3: "retry"})

    def test_captures(self):
        folder = needs.source() / "samples/captures"
        for name, expected in {
            "hello-retry-request.pcap": {4: "", 8: "retry"},
            "resumption.pcap": {4: "", 27: "resumption", 47: "", 68: "resumption"},
            "post-quantum.pcapng": {
                5: "grease pq ech",
                10: "retry grease pq ech",
                16: "grease pq ech",
                38: "retry grease pq ech",
            },
            "dtls12.pcap": {1: "", 3: ""},  # a second hello after HelloVerifyRequest
            "quic-firefox.pcapng": {2: "pq ech"},
        }.items():
            with self.subTest(name):
                capture = self.sandbox.put(folder / name)
                self.assertEqual(self.set_flags(capture), expected)
                self.assertEqual(self.set_flags(capture, ["-2"]), expected, "-2")

    def test_filter(self):
        capture = self.sandbox.put(needs.source() / "samples/captures/hello-retry-request.pcap")
        for text, frames in ("tlsfp.retry == 1", "8"), ("tlsfp.retry == 0", "4"), ("tlsfp.pq == 1", ""):
            out = self.tshark(capture, "-Y", text, "-T", "fields", "-e", "frame.number")
            self.assertEqual(out.split(), frames.split(), text)


def dtls_datagram(payload, source_port, port):
    return source_port.to_bytes(2, "big") + port.to_bytes(2, "big") + (8 + len(payload)).to_bytes(2, "big") + b"\0\0" + payload


class Names(PluginTest):
    HELLO = client_hello(
        server_name(),
        groups(0x2A2A, 0x11EC, 0x1D, 0xABCD),
        signature_algorithms(0x0804, 0x0904),
        extension(0x9999),
        ciphers=(0x0A0A, 0x1301, 0xC02F, 0x5600, 0xABCD),
    )
    EXPECTED = """\
    [Cipher suites: 5, 1 of them GREASE, not counted]
        [Cipher suite: GREASE (0x0a0a), not counted]
        [Cipher suite: TLS_AES_128_GCM_SHA256 (0x1301)]
        [Cipher suite: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 (0xc02f)]
        [Cipher suite: TLS_FALLBACK_SCSV (0x5600)]
        [Cipher suite: Unknown (0xabcd)]
    [Extensions: 4]
        [Extension: server_name (0x0000)]
        [Extension: supported_groups (0x000a)]
        [Extension: signature_algorithms (0x000d)]
        [Extension: Unknown (0x9999)]
    [Supported groups: 4, 1 of them GREASE, not counted]
        [Group: GREASE (0x2a2a), not counted]
        [Group: X25519MLKEM768 (0x11ec)]
        [Group: x25519 (0x001d)]
        [Group: Unknown (0xabcd)]
    [Signature algorithms: 2]
        [Signature algorithm: rsa_pss_rsae_sha256 (0x0804)]
        [Signature algorithm: mldsa44 (0x0904)]
"""

    def test_tree(self):
        capture = self.write([Stream().client(record(self.HELLO))])
        for options in [], ["-2"]:
            self.assertIn(self.EXPECTED, self.tshark(capture, "-V", *options))

    def test_fields(self):
        capture = self.write([Stream().client(record(self.HELLO))])
        found = self.frames(capture, "cipher", "extension", "group", "signature_algorithm")
        self.assertEqual(
            found,
            {
                1: (
                    "0x0a0a;0x1301;0xc02f;0x5600;0xabcd",
                    "0x0000;0x000a;0x000d;0x9999",
                    "0x2a2a;0x11ec;0x001d;0xabcd",
                    "0x0804;0x0904",
                )
            },
        )
        for text, count in ("tlsfp.cipher == 0xc02f", 1), ("tlsfp.group == 0x0017", 0):
            out = self.tshark(capture, "-Y", text, "-T", "fields", "-e", "frame.number")
            self.assertEqual(len(out.split()), count, text)

    def test_many(self):
        """A list of thousands is shown up to a limit, and its count is told."""
        hello = client_hello(ciphers=range(0x100, 0x100 + 4000))
        tree = self.tshark(self.write([Stream().client(record(hello))]), "-V")
        self.assertIn("    [Cipher suites: 4000]\n", tree)
        self.assertEqual(len(re.findall(r"\[Cipher suite: ", tree)), 1000)

    def test_empty(self):
        """A hello without an extension block."""
        tree = self.tshark(self.write([Stream().client(record(client_hello(block=False)))]), "-V")
        for title in "Extensions", "Supported groups", "Signature algorithms":
            self.assertIn(f"    [{title}: 0]\n", tree)


if __name__ == "__main__":
    unittest.main()

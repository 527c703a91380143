#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Every layer that tlsfp-echo shows a client: HTTP, TCP, the nearest known client; against the schema."""

import csv
import hashlib
import json
import re
import socket
import struct
import subprocess
import tempfile
import unittest
import zlib

import jsonschema
import wire
from asking import HTTP_VERSIONS, curl
from running import Running, needs

needs.PACKAGES |= {"jsonschema": "python3-jsonschema"}
SCHEMA = json.loads((needs.source() / "packaging/schema/tlsfp-echo.schema.json").read_text())
PRIORITY = 2


def setUpModule():
    needs.programs("curl")


def check(told, schema=SCHEMA):
    jsonschema.Draft202012Validator(schema).validate(told)
    return told


def window_update(increment, stream=0):
    return wire.frame(wire.WINDOW_UPDATE, 0, stream, struct.pack("!I", increment))


def priority(stream, depends_on, weight):
    return wire.frame(PRIORITY, 0, stream, struct.pack("!IB", depends_on, weight))


def fields_of(path):
    """Pseudo-header fields as Safari orders them; then three that are not in everybody's order."""
    pairs = [(b":method", b"GET"), (b":scheme", b"https"), (b":path", path), (b":authority", b"localhost")]
    pairs += [(b"x-b", b"1"), (b"accept", b"*/*"), (b"x-a", b"2")]
    return b"".join(b"\0" + wire.hpack_string(name) + wire.hpack_string(value) for name, value in pairs)


class LayersTest(unittest.TestCase):
    OPTIONS = ("--labels", needs.source() / "samples/clients.csv")
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.server = Running(*cls.OPTIONS)
        cls.addClassCleanup(cls.server.end)
        cls.port = cls.server.port

    def ask(self, path="/all", version="--http2", *options):
        answer = curl(self.port, path, version, *options)
        self.assertEqual((answer.status, answer.fields["content-type"]), (200, "application/json"))
        return json.loads(answer.body)


class Http(LayersTest):
    def ask_by_hand(self, path, before):
        """The JSON that a client is told whose first bytes are these frames, then a request."""
        client = wire.Client(self.port, wire.context(["h2"]))
        self.addCleanup(client.close)
        client.shake_hands()
        head = wire.frame(wire.HEADERS, wire.END_STREAM | wire.END_HEADERS, 13, fields_of(path))
        client.write(wire.PREFACE + before + head)
        return json.loads(client.body_of(13))

    def test_by_hand(self):
        """All that Akamai's form has, and what comes after the first settings."""
        before = (
            wire.settings((2, 0), (4, 4194304), (0xFAFA, 7), (3, 100))
            + window_update(10485760)
            + priority(3, 0, 200)
            + priority(5, 0x80000003, 0)
            + wire.frame(wire.PING, 0, 0, bytes(8))
            + window_update(1)
        )
        expected = "2:0;4:4194304;64250:7;3:100|10485760|3:0:0:201,5:1:3:1|m,s,p,a"
        http = check(self.ask_by_hand(b"/all", before))["http"]
        self.assertEqual(http["akamai"], expected)
        self.assertEqual(http["akamai_hash"], hashlib.md5(expected.encode()).hexdigest())
        self.assertEqual(http["pseudo_headers"], [":method", ":scheme", ":path", ":authority"])
        self.assertEqual(http["headers"], ["x-b", "accept", "x-a"])
        self.assertEqual([f["name"] for f in http["frames"]],
                         ["SETTINGS", "WINDOW_UPDATE", "PRIORITY", "PRIORITY", "PING", "WINDOW_UPDATE", "HEADERS"])
        self.assertEqual(http["frames"][0]["settings"][2], {"id": 0xFAFA, "name": None, "value": 7})
        self.assertEqual(http["frames"][-1]["stream"], 13)

        told = self.ask_by_hand(b"/api/all", before)["http2"]
        self.assertEqual(told["akamai_fingerprint"], expected)
        self.assertEqual(told["sent_frames"][0]["settings"],
                         ["ENABLE_PUSH = 0", "INITIAL_WINDOW_SIZE = 4194304", "UNKNOWN_SETTING_64250 = 7",
                          "MAX_CONCURRENT_STREAMS = 100"])
        self.assertEqual(told["sent_frames"][1]["increment"], 10485760)
        self.assertEqual(told["sent_frames"][3]["priority"], {"weight": 1, "depends_on": 3, "exclusive": 1})
        last = told["sent_frames"][-1]
        self.assertEqual((last["frame_type"], last["stream_id"]), ("HEADERS", 13))
        self.assertEqual(last["headers"][1:4], [":scheme: https", ":path: /api/all", ":authority: localhost"])
        self.assertEqual(last["flags"], ["EndStream (0x1)", "EndHeaders (0x4)"])

    def test_http1(self):
        http = check(self.ask("/all", "--http1.1", "-H", "X-b: 1", "-H", "x-A: 2"))["http"]
        self.assertEqual(http, {"version": "HTTP/1.1", "method": "GET",
                                "headers": ["Host", "User-Agent", "Accept", "X-b", "x-A"]})
        self.assertEqual(self.ask("/all", "--http1.0")["http"]["version"], "HTTP/1.0")
        told = self.ask("/api/all", "--http1.1", "-H", "X-b: 1")
        self.assertEqual(told["http_version"], "HTTP/1.1")
        self.assertEqual(told["http1"]["headers"][-1], "X-b: 1")

    def test_each_request(self):
        """On one connection each request is told of its own fields, however often it asks."""
        with wire.Client(self.port) as client:
            client.shake_hands()
            for n in range(4):
                name = f"X-{n // 2}"
                client.write(f"GET /all HTTP/1.1\r\nHost: a\r\n{name}: 1\r\n\r\n".encode())
                status, body = client.answer()
                self.assertEqual(json.loads(body)["http"]["headers"], ["Host", name])


class Tls(LayersTest):
    def test_same_as_tls(self):
        """The key tls of /all is what /tls gives; /api/all has the same values."""
        for version in HTTP_VERSIONS:
            all_, tls, api = (self.ask(path, version) for path in ("/all", "/tls", "/api/all"))
            check(all_)
            check(tls, {"$ref": "#/$defs/tls_answer", "$defs": SCHEMA["$defs"]})
            self.assertEqual(list(all_), ["tls", "http", "quic", "tcp", "client", "level", "nearest", "claim"])
            self.assertIsNone(all_["quic"])
            prints = all_["tls"]["tls_fingerprints"]
            self.assertEqual(prints, tls["tls_fingerprints"])
            self.assertEqual(all_["tls"]["names"], tls["names"])
            self.assertEqual((api["tls"]["ja3"], api["tls"]["ja3_hash"], api["tls"]["ja4"], api["tls"]["ja4_r"]),
                             (prints["ja3_r"], prints["ja3"], prints["ja4"], prints["ja4_r"]))
            self.assertEqual(api["tls"]["tls_version_negotiated"], "772")

    def test_nearest(self):
        """A client of the list is at no distance; one that leaves something out is told what."""
        prints = self.ask("/tls")["tls_fingerprints"]
        row = {"name": "this curl", "family": "curl", **{kind: prints[kind] for kind in ("ja4", "ja4_r", "ja3_r")}}
        with tempfile.NamedTemporaryFile("w", suffix=".csv") as known:
            rows = csv.DictWriter(known, row)
            rows.writeheader()
            rows.writerow(row)
            known.flush()
            with Running("--labels", known.name) as server:
                same, other = (
                    json.loads(curl(server.port, "/all", "--http2", *options).body)["nearest"]
                    for options in ([], ["--curves", "X25519:P-256"])
                )
        self.assertEqual(same, {"name": "this curl", "family": "curl", "distance": 0, "differences": []})
        self.assertGreater(other["distance"], 0)
        self.assertIn("without group 0x001e x448", other["differences"])

    def test_unknown_on_the_page(self):
        """A client in no list is told so, and which known one is nearest; a known one is not."""
        odd = ["--tls-max", "1.2", "--ciphers", "ECDHE-ECDSA-AES128-GCM-SHA256"]
        for options, unknown in ((odd, True), ([], False)):
            page = curl(self.port, "/", "--http2", "-H", "Accept: text/html", *options).body.decode()
            self.assertEqual("No list names this client. The nearest known client is <strong>" in page, unknown)
            self.assertEqual("What differs in yours:" in page, unknown)

    def test_claim(self):
        """curl that says so fits; as Chrome it does not; nothing is said without a User-Agent."""
        claim = check(self.ask("/all"))["claim"]
        self.assertEqual((claim["product"].split("/")[0], claim["verdict"]), ("curl", "fits"))
        agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
        claim = check(self.ask("/all", "--http2", "-A", agent))["claim"]
        self.assertEqual((claim["product"], claim["verdict"]), ("Chrome/140", "does not fit"))
        self.assertIsNone(check(self.ask("/all", "--http2", "-A", ""))["claim"])


class Tcp(LayersTest):
    def test_syn(self):
        """What the kernel sent; with a smaller buffer the window follows."""
        tcp = check(self.ask())["tcp"]
        self.assertEqual((tcp["ip_version"], tcp["ttl"], tcp["mss"]), (4, 64, 65495))
        self.assertRegex(tcp["p0f"], r"^4:64\+0:0:65495:\S+,\d+:mss,sok,ts,nop,ws:df,id\+:0$")
        self.assertRegex(tcp["muonfp"], r"^\d+:2-4-8-1-3:65495:\d+$")
        self.assertEqual(tcp["muonfp"].split(":")[0], str(tcp["window"]))

    def test_options(self):
        """Options that the client's system was asked for: MSS, hop limit; over IPv6."""
        if not socket.has_ipv6:
            self.skipTest("this system has no IPv6")
        plain = socket.socket(socket.AF_INET6)
        self.addCleanup(plain.close)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1000)
        plain.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 77)
        plain.connect(("::1", self.port))
        tls = wire.context().wrap_socket(plain)
        tls.sendall(b"GET /all HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        received = b""
        while piece := tls.recv(65536):
            received += piece
        tcp = check(json.loads(received.partition(b"\r\n\r\n")[2]))["tcp"]
        self.assertEqual((tcp["ip_version"], tcp["ttl"], tcp["mss"]), (6, 77, 1000))
        self.assertTrue(tcp["p0f"].startswith("6:77+?:0:1000:"), tcp["p0f"])


class Proxied(LayersTest):
    OPTIONS = ("--proxy-protocol",)

    def test_null(self):
        """Behind a load balancer the SYN is not the client's; without lists nothing is near."""
        told = check(self.ask("/all", "--http2", "--haproxy-protocol"))
        self.assertIsNone(told["tcp"])
        self.assertIsNone(told["nearest"])
        self.assertEqual((told["client"], told["level"]), ([], None))
        self.assertEqual(self.ask("/api/all", "--http2", "--haproxy-protocol")["tcpip"], {})


class Cors(LayersTest):
    OPTIONS = ("--cors",)
    ORIGIN = "access-control-allow-origin"

    def test_answers(self):
        for version in HTTP_VERSIONS:
            for path, shared in {"/all": "*", "/tls": "*", "/api/all": "*", "/ja4": None, "/": None}.items():
                self.assertEqual(curl(self.port, path, version).fields.get(self.ORIGIN), shared, path)

    def test_preflight(self):
        for version in HTTP_VERSIONS:
            answer = curl(self.port, "/all", version, "-X", "OPTIONS")
            self.assertEqual((answer.status, answer.body), (204, b""))
            self.assertEqual(answer.fields[self.ORIGIN], "*")
            self.assertEqual(answer.fields["access-control-allow-methods"], "GET, HEAD")
            self.assertEqual(answer.fields["access-control-allow-headers"], "*")
            self.assertNotIn("content-length", answer.fields)
            self.assertEqual(curl(self.port, "/ja4", version, "-X", "OPTIONS").status, 405)


class Compressed(LayersTest):
    def test_page(self):
        """A page that is asked for again comes in gzip where the client takes it, and says the same."""
        for version in HTTP_VERSIONS:
            url = f"https://localhost:{self.port}/"
            command = ["curl", "-sSk", version, "-H", "Accept: text/html"]
            asked = ["-H", "Accept-Encoding: gzip", "-w", "%{size_download}\n", "-o", "/dev/null", url, "-o", "-", url]
            done = subprocess.run([*command, *asked], capture_output=True, check=True).stdout
            size, _, rest = done.partition(b"\n")
            page = zlib.decompressobj(31).decompress(rest)
            self.assertEqual(len(page), int(size))
            self.assertTrue(page.startswith(b"<!doctype html>") and page.endswith(b"</html>\n"))


class Plain(LayersTest):
    OPTIONS = ("--json-only",)

    def test_no_cors(self):
        answer = curl(self.port, "/all", "--http2")
        self.assertNotIn(Cors.ORIGIN, answer.fields)
        self.assertEqual(curl(self.port, "/all", "--http2", "-X", "OPTIONS").status, 405)

    def test_json_only(self):
        for accept in "text/html", "*/*":
            answer = curl(self.port, "/", "--http2", "-H", f"Accept: {accept}")
            self.assertEqual(answer.fields["content-type"], "application/json")
            check(json.loads(answer.body))
        answer = curl(self.port, "/nothing", "--http2", "-H", "Accept: text/html")
        self.assertEqual((answer.status, answer.fields["content-type"]), (404, "text/plain; charset=utf-8"))
        self.assertIsNone(re.search(b"<", answer.body))


if __name__ == "__main__":
    unittest.main()

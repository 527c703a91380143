#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""HTTP/3: what a client is told, and what QUIC requires of a server. The client is ngtcp2's own."""

import contextlib
import json
import os
import pathlib
import re
import select
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import jsonschema
from asking import Started, curl
from layers import SCHEMA
from running import PATIENCE, Running, needs, program

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "search"))

import initials  # noqa: E402

needs.PACKAGES |= {"gtlsclient": "ngtcp2-client", "jsonschema": "python3-jsonschema"}
RETRY_FROM = 64  # unvalidated handshakes: quic/endpoint.c
P_384 = "--groups=-GROUP-ALL:+GROUP-SECP384R1"
SHORT = 0x40  # RFC 9000 17.3.1: the fixed bit


def is_built():
    return "ngtcp2" in subprocess.run([program(), "--version"], capture_output=True, text=True).stdout


def setUpModule():
    if not is_built():
        raise unittest.SkipTest("built without HTTP/3")
    needs.programs("curl", "gtlsclient")


class Asked:
    """What ngtcp2's client did: the bodies it got, by the last part of their path, and what it said."""

    def __init__(self, port, *paths, options=(), host="127.0.0.1", talkative=False):
        urls = [f"https://localhost:{port}{path}" for path in paths]
        with tempfile.TemporaryDirectory() as folder:
            command = ["gtlsclient", *(() if talkative else ("-q",)), "--exit-on-all-streams-close",
                       f"--download={folder}", "--no-quic-dump" if not talkative else "--no-http-dump",
                       *options, host, str(port), *urls]  # fmt: skip
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
            self.bodies = {path.name: path.read_bytes() for path in pathlib.Path(folder).iterdir()}
        self.said, self.status = done.stderr + done.stdout, done.returncode

    def json(self, name="all"):
        return json.loads(self.bodies[name])


class Http3Test(unittest.TestCase):
    OPTIONS = ()
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.server = Running(*cls.OPTIONS)
        cls.addClassCleanup(cls.server.end)
        cls.port = cls.server.port

    def ask(self, *paths, **options):
        return Asked(self.port, *paths, **options)

    def all(self, *options):
        return self.ask("/all", options=options).json()

    def udp(self):
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(made.close)
        made.settimeout(PATIENCE)
        made.connect(("127.0.0.1", self.port))
        return made

    def silence(self, made, seconds=0.3):
        """The server sends nothing more."""
        made.settimeout(seconds)
        self.assertRaises(TimeoutError, made.recv, 65536)
        made.settimeout(PATIENCE)


class Answers(Http3Test):
    OPTIONS = "--labels", needs.source() / "samples/clients.csv"

    def test_all(self):
        told = self.all()
        jsonschema.Draft202012Validator(SCHEMA).validate(told)
        http, quic, connection = told["http"], told["quic"], told["tls"]["connection"]
        self.assertEqual((http["version"], http["method"]), ("HTTP/3", "GET"))
        self.assertEqual(http["pseudo_headers"], [":method", ":scheme", ":authority", ":path"])
        self.assertEqual(http["headers"], ["user-agent"])
        self.assertRegex(http["fingerprint"], r"^(\d+:\d+)(;\d+:\d+)*\|m,s,a,p$")
        self.assertEqual([http["fingerprint"].count(f"{s['id']}:{s['value']}") for s in http["settings"]],
                         [1] * len(http["settings"]))  # fmt: skip
        self.assertTrue(told["tls"]["tls_fingerprints"]["ja4"].startswith("q13d"))
        self.assertIsNone(told["tcp"])
        self.assertEqual(connection["quic"], quic)
        self.assertEqual((connection["version"], connection["alpn"], connection["group"]), ("TLSv1.3", "h3", "x25519"))
        self.assertEqual((quic["version"], quic["version_name"], quic["retry"]), ("00000001", "1", False))
        self.assertEqual((connection["resumed"], connection["retried"]), (False, False))
        self.assertGreater(told["nearest"]["distance"] + 1, 0)

    def test_parameters(self):
        """In order, with the values that the client was given."""
        listed = self.all("--max-data=123456", "--max-streams-bidi=7")["quic"]["transport_parameters"]
        values = {one["name"]: one["value"] for one in listed}
        self.assertEqual((values["initial_max_data"], values["initial_max_streams_bidi"]), (123456, 7))
        self.assertEqual([one["grease"] for one in listed], [False] * len(listed))
        self.assertIn("initial_source_connection_id", values)

    def test_same_as_over_tcp(self):
        """The bare values, the page and the hello are there; a path that is not gives 404."""
        asked = self.ask("/ja4", "/ja3", "/client-hello", "/nothing", "/tls")
        prints = asked.json("tls")["tls_fingerprints"]
        self.assertEqual(asked.bodies["ja4"].decode(), prints["ja4"])
        self.assertEqual(asked.bodies["ja3"].decode(), prints["ja3"])
        self.assertEqual(asked.bodies["client-hello"][0], 1)
        self.assertIn(b"Nothing is here", asked.bodies["nothing"])

    def test_api_all(self):
        told = self.ask("/api/all").json()
        self.assertEqual(told["http_version"], "h3")
        self.assertEqual(told["http3"]["akamai_fingerprint"], self.all()["http"]["fingerprint"])
        self.assertIn("initial_max_data", [one["name"] for one in told["tls"]["quic_transport_parameters"]])

    def post(self, size):
        with tempfile.NamedTemporaryFile() as body:
            body.write(bytes(size))
            body.flush()
            return self.ask("/ja4", options=["-m", "POST", "-d", body.name], talkative=True)

    def test_methods(self):
        """HEAD has no body; POST is refused, however long its body, and the client gets to know."""
        self.assertEqual(self.ask("/ja4", options=["-m", "HEAD"]).bodies.get("ja4", b""), b"")
        for size, stopped in ((8_000, False), (300_000, True)):
            with self.subTest(size):
                asked = self.post(size)
                self.assertIn(b"Only GET and HEAD", asked.bodies["ja4"])
                # RFC 9114 4.1: a long body is stopped with H3_NO_ERROR, and the client need not wait until it is idle.
                self.assertEqual("RESET_STREAM(0x04) id=0x0 app_error_code=(unknown)(0x100)" in asked.said, stopped)
                self.assertNotIn("ERR_IDLE_CLOSE", asked.said)

    def test_many_requests(self):
        """More than are allowed at a time."""
        with Started("--log", "json") as server:
            Asked(server.port, "/ja4", options=["-n", "250"])
            requests = [json.loads(line) for line in server.lines(251)[1:]]
        self.assertEqual([one["status"] for one in requests], [200] * 250)

    def test_narrow_windows(self):
        """The client takes its answers in pieces: of each, and of all."""
        expected = self.ask("/tls").json("tls")
        for option in "--max-stream-data-bidi-local=1000", "--max-data=3000":
            with self.subTest(option):
                asked = self.ask("/tls", options=["-n", "5", option])
                answer = asked.json("tls")
                self.assertEqual(answer["names"], expected["names"])

    def test_over_ipv6(self):
        asked = self.ask("/all", host="::1")
        self.assertEqual(asked.json()["tls"]["connection"]["client_address"], "::1")

    def test_ecn(self):
        """RFC 9000 13.4: the server says which marks it got, and sets its own, over IPv4 and IPv6."""
        for host in "127.0.0.1", "::1":
            with self.subTest(host):
                said = self.ask("/ja4", host=host, talkative=True).said
                self.assertRegex(said, r"frm rx \d+ Initial ACK\(0x03\) ect0=[1-9]")
                self.assertRegex(said, r"Received packet: .* ecn=0x2 ")

    def test_lossy(self):
        asked = self.ask("/all", options=["-r", "0.2", "-t", "0.2", "--handshake-timeout=30s"])
        self.assertEqual(asked.json()["http"]["version"], "HTTP/3")


class Groups(Http3Test):
    OPTIONS = "--groups", "P-384"

    def test_retried(self):
        connection = self.all()["tls"]["connection"]
        self.assertEqual((connection["retried"], connection["group"]), (True, "secp384r1"))


class Announced(unittest.TestCase):
    def test_alt_svc(self):
        with Running() as server:
            for version in "--http1.1", "--http2":
                self.assertEqual(curl(server.port, "/", version).fields["alt-svc"], f'h3=":{server.port}"; ma=86400')

    def test_none(self):
        """Without QUIC, without TLS 1.3, and behind a load balancer nothing listens, and nothing is said."""
        for options in ["--no-quic"], ["--tls-max", "1.2"], ["--proxy-protocol"]:
            with Running(*options) as server:
                answer = curl(server.port, "/", "--http1.1", *(["--haproxy-protocol"] if "proxy" in options[0] else []))
                self.assertNotIn("alt-svc", answer.fields)
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
                    made.bind(("127.0.0.1", server.port))

    def test_port(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
            made.bind(("127.0.0.1", 0))
            port = made.getsockname()[1]
        with Running("--quic-port", port) as server:
            self.assertIn(f'h3=":{port}"', curl(server.port, "/", "--http1.1").fields["alt-svc"])
            self.assertEqual(len(Asked(port, "/ja4").bodies["ja4"]), 36)

    def test_port_taken(self):
        """A UDP port in use is an error that says what to do; with --port 0 another one is found."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
            made.bind(("127.0.0.1", 0))
            port = str(made.getsockname()[1])
            command = [program(), "--port", "0", "--quic-port", port]
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, rf"127\.0\.0\.1 port {port} of UDP \(--no-quic does without\): ")


class Migration(Http3Test):
    """With several workers: a connection stays with its own."""

    OPTIONS = "--workers", "3"

    def test_addresses(self):
        """The client comes from another port, knowing it or not, and is served on."""
        for option in ["--change-local-addr=100ms"], ["--change-local-addr=100ms", "--nat-rebinding"]:
            for _ in range(3):
                asked = self.ask("/ja4", options=[*option, "--delay-stream=400ms"], talkative=True)
                self.assertEqual(len(asked.bodies.get("ja4", b"")), 36, asked.said[-2000:])

    def test_key_update(self):
        asked = self.ask("/ja4", options=["--key-update=100ms", "--delay-stream=300ms"], talkative=True)
        self.assertEqual(len(asked.bodies["ja4"]), 36)
        self.assertIn("k=1", asked.said)


class Packets(Http3Test):
    """What is answered without a connection."""

    def test_version_negotiation(self):
        made = self.udp()
        first = struct.pack("!BI", 0xC0, 0x7A7A7A7A) + b"\x08ABCDEFGH" + b"\x05abcde"
        made.send(first + bytes(1200 - len(first)))
        answer = made.recv(65536)
        self.assertEqual(answer[1:5], bytes(4))
        self.assertEqual(answer[5:20], b"\x05abcde" + b"\x08ABCDEFGH")
        versions = struct.unpack(f"!{(len(answer) - 20) // 4}I", answer[20:])
        self.assertIn(1, versions)
        self.assertTrue(any(version & 0x0F0F0F0F == 0x0A0A0A0A for version in versions))

    def test_short_datagrams(self):
        """RFC 9000 5.2.2 and 14.1: what is too short for a first packet is not answered."""
        made = self.udp()
        made.send(struct.pack("!BI", 0xC0, 0x7A7A7A7A) + b"\x08ABCDEFGH\0" + bytes(100))
        made.send(initials.initial(initials.crypto(0, bytes(4)), b"ABCDEFGH", size=600))
        made.send(b"")
        for length in range(1, 40):
            made.send(bytes([0xC0 | length]) * length)
        self.silence(made)
        self.assertEqual(len(self.ask("/ja4").bodies["ja4"]), 36)

    def test_stateless_reset(self):
        """Shorter than what it answers, and with the same token for the same ID."""
        made = self.udp()
        answers = []
        for _ in range(2):
            made.send(bytes([SHORT]) + b"unknown-id-of-16" + os.urandom(60))
            answers.append(made.recv(65536))
        for answer in answers:
            self.assertEqual(answer[0] & 0xC0, SHORT)
            self.assertTrue(21 <= len(answer) < 77, len(answer))
        self.assertEqual(answers[0][-16:], answers[1][-16:])
        self.assertNotEqual(answers[0][:-16], answers[1][:-16])
        made.send(bytes([SHORT]) + bytes(20))
        self.silence(made)

    def test_amplification(self):
        """RFC 9000 8.1: to an address that is not known to be the client's, three times what came from there."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as front:
            front.bind(("127.0.0.1", 0))
            front.settimeout(PATIENCE)
            client = subprocess.Popen(["gtlsclient", "-q", "127.0.0.1", str(front.getsockname()[1]),
                                       f"https://localhost:{self.port}/ja4"],
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
            try:
                first = front.recv(65536)
            finally:
                client.kill()
                client.wait()
        made, n = self.udp(), 0
        made.send(first)
        give_up = time.monotonic() + 3
        while (left := give_up - time.monotonic()) > 0 and select.select([made], [], [], left)[0]:
            n += len(made.recv(65536))
        self.assertGreater(n, 0)
        self.assertLessEqual(n, 3 * len(first))


class Retry(Http3Test):
    OPTIONS = "--handshake-time", "20"

    def test_many_open(self):
        """With many open handshakes, each client has to validate its address."""
        self.assertFalse(self.all()["quic"]["retry"])
        socket_ = self.udp()
        part = initials.crypto(0, b"\1\0\2\0" + bytes(40))
        for i in range(RETRY_FROM + 30):
            socket_.send(initials.initial(part, b"flood%03d" % i, scid=b"s", size=1200))
            time.sleep(0.002)
        told = self.all()
        self.assertTrue(told["quic"]["retry"])
        self.assertEqual(told["quic"]["version"], "00000001")

        with self.subTest("a Retry is no longer than what it answers, a wrong token is refused"):
            made = self.udp()
            made.send(initials.initial(part, b"flood999", scid=b"s", size=1200))
            retry = made.recv(65536)
            self.assertEqual(retry[0] & 0xF0, 0xF0)
            self.assertLess(len(retry), 1200)
            new_id = retry[8 : 8 + retry[7]]
            token = retry[8 + retry[7] : -16]
            wrong = token[:-1] + bytes([token[-1] ^ 1])
            made.send(initials.initial(part, new_id, scid=b"s", token=wrong, size=1200))
            refusal = made.recv(65536)
            self.assertEqual(refusal[0] & 0xF0, 0xC0)
            other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.addCleanup(other.close)
            other.bind(("127.0.0.2", 0))
            other.settimeout(PATIENCE)
            other.sendto(initials.initial(part, new_id, scid=b"s", token=token, size=1200), ("127.0.0.1", self.port))
            self.assertEqual(other.recv(65536)[0] & 0xF0, 0xC0)


class Limits(unittest.TestCase):
    def test_log(self):
        """Lines as for TCP; a handshake that hangs fails when its time is over."""
        with Started("--log", "json", "--handshake-time", "0.5") as server:
            Asked(server.port, "/ja4?x=1")
            done, asked = map(json.loads, server.lines(2))
            self.assertEqual((done["event"], done["alpn"], done["version"]), ("handshake", "h3", "TLSv1.3"))
            self.assertEqual((done["server_name"], done["ja4"][0]), ("localhost", "q"))
            self.assertEqual((asked["event"], asked["target"], asked["status"]), ("request", "/ja4?x=1", 200))
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
                part = initials.crypto(0, b"\1\0\2\0" + bytes(40))
                made.sendto(initials.initial(part, b"ABCDEFGH", size=1200), ("127.0.0.1", server.port))
                last = json.loads(server.lines(3)[2])
            self.assertEqual((last["event"], last["reason"], last["ja4"]),
                             ("failure", "the handshake took too long", None))  # fmt: skip

    def test_per_address(self):
        """Connections of TCP and of QUIC count together."""
        with Running("--max-per-address", "2") as server, contextlib.ExitStack() as held:
            for _ in range(2):
                held.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            time.sleep(0.2)
            refused = Asked(server.port, "/ja4", options=["--handshake-timeout=2s"])
            self.assertEqual(refused.bodies, {})
            held.close()
            time.sleep(0.2)
            self.assertEqual(len(Asked(server.port, "/ja4").bodies["ja4"]), 36)

    def test_all_places_taken(self):
        """A quiet connection makes room for another one, which is refused while none is quiet."""
        with Started("--log", "json", "--max-connections", "1") as server:
            url = f"https://localhost:{server.port}/ja4"
            first = subprocess.Popen(["gtlsclient", "-q", "--timeout=30s", "127.0.0.1", str(server.port), url],
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
            self.addCleanup(first.wait)
            self.addCleanup(first.kill)
            server.lines(2)
            self.assertEqual(Asked(server.port, "/ja4", options=["--handshake-timeout=2s"]).bodies, {})
            time.sleep(2)  # serve/worker.c: QUIET_TIME
            self.assertEqual(len(Asked(server.port, "/ja4").bodies["ja4"]), 36)

    def test_costly_group(self):
        """As over TCP: P-384 is refused where no key exchange may cost that much, and X25519 is not."""
        with Started("--log", "json", "--max-costly", "0") as server:
            self.assertEqual(Asked(server.port, "/ja4", options=[P_384, "--handshake-timeout=5s"]).bodies, {})
            refused = json.loads(server.lines(1)[0])
            self.assertEqual((refused["event"], refused["ja4"][0]), ("failure", "q"))
            self.assertEqual(len(Asked(server.port, "/ja4", options=[P_384 + ":+GROUP-X25519"]).bodies["ja4"]), 36)
        with Running("--max-costly", "1000") as server:
            self.assertEqual(len(Asked(server.port, "/ja4", options=[P_384]).bodies["ja4"]), 36)

    def test_long_head(self):
        with Running("--max-head", "1") as server:
            for length, status in (400, 200), (1100, 431):
                url = f"https://localhost:{server.port}/ja4?" + length * "x"
                command = ["gtlsclient", "--exit-on-all-streams-close", "127.0.0.1", str(server.port), url]
                said = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
                self.assertIn(f"[:status: {status}]", said.stdout + said.stderr)

    def test_contradicting_hello(self):
        """Its extensions are longer than itself."""
        hello = bytearray(Asked(self.start_one(), "/client-hello").bodies["client-hello"])
        at = 4 + 2 + 32 + 1 + hello[38]
        at += 2 + int.from_bytes(hello[at : at + 2], "big") + 2  # suites, no compression
        hello[at] ^= 0x40
        with Started("--log", "json") as server:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
                made.sendto(initials.initial(initials.crypto(0, bytes(hello)), b"ABCDEFGH", size=1200), ("127.0.0.1", server.port))
                self.assertEqual(json.loads(server.lines(1)[0])["reason"], "the ClientHello contradicts itself")

    def test_long_hello(self):
        with Started("--log", "json", "--max-hello", "1") as server:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
                part = initials.crypto(0, b"\1\0\x04\0" + bytes(40))
                made.sendto(initials.initial(part, b"ABCDEFGH", size=1200), ("127.0.0.1", server.port))
                self.assertEqual(json.loads(server.lines(1)[0])["reason"], "the ClientHello is too long")

    def test_no_parameters(self):
        """A hello without transport parameters is refused, RFC 9001 8.2, and does the server no harm."""
        hello = Asked(self.start_one(), "/client-hello").bodies["client-hello"]
        with Started("--log", "json") as server:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
                made.settimeout(PATIENCE)
                at = hello.index(b"\0\x39")
                other = hello[:at] + b"\xfe\xdc" + hello[at + 2 :]
                made.sendto(initials.initial(initials.crypto(0, other), b"ABCDEFGH", size=1200), ("127.0.0.1", server.port))
                made.recv(65536)
            self.assertEqual(json.loads(server.lines(1)[0])["reason"], "no transport parameters")
            self.assertEqual(len(Asked(server.port, "/ja4").bodies["ja4"]), 36)

    def start_one(self):
        server = Running()
        self.addCleanup(server.end)
        return server.port

    def test_idle(self):
        """A connection without requests is closed, whatever packets it sends."""
        with Running("--idle-time", "0.5") as server:
            began = time.monotonic()
            command = ["gtlsclient", "-q", "--timeout=30s", "127.0.0.1", str(server.port), f"https://localhost:{server.port}/ja4"]
            subprocess.run(command, capture_output=True, timeout=PATIENCE)
            self.assertLess(time.monotonic() - began, 15)

    def test_end(self):
        """SIGTERM: clients are told, and the server ends with status 0 at once, as none has a request open."""
        with Running() as server:
            command = ["gtlsclient", "127.0.0.1", str(server.port), f"https://localhost:{server.port}/ja4"]
            client = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            said = []
            reader = threading.Thread(target=lambda: said.extend(client.stdout))
            reader.start()
            give_up = time.monotonic() + PATIENCE
            while not any(":status: 200" in line for line in said) and time.monotonic() < give_up:
                time.sleep(0.05)
            began = time.monotonic()
            self.assertEqual(server.stop(), 0)
            self.assertLess(time.monotonic() - began, 5)
            client.wait(PATIENCE)
            reader.join(PATIENCE)
            client.stdout.close()
            self.assertTrue(any(re.search(r"CONNECTION_CLOSE.*0x100", line) for line in said))


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""tlsfp-echo as people run it: what each of its paths, options and limits does, over HTTP/1.1 and HTTP/2."""

import contextlib
import json
import pathlib
import re
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import time
import unittest

import wire
from asking import HTTP_VERSIONS, Started, curl, scratch_file
from running import Running, needs, program
from wire import Client, Plain, message_of

TLS_DATA = (
    "protocol_version cipher_suites extensions server_name ec_point_formats supported_groups alpn "
    "signature_algorithms supported_versions"
).split()
FINGERPRINTS = "ja3_r ja3 ja3n_r ja3n ja4_r ja4 ja4_bc ja4_ro ja4_o".split()
CONNECTION = "version cipher group alpn resumed retried record_version client_address client_port".split()
PATHS = ["/", "/tls", "/ja4", "/ja3", "/client-hello", "/favicon.ico", "/nothing"]
V10, V12, V13 = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
HTML = "Accept: text/html,application/xhtml+xml,*/*;q=0.8"


def setUpModule():
    needs.programs("curl", "openssl")


class ServerTest(unittest.TestCase):
    """Each class has a server of its own."""

    OPTIONS = ()
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.server = Running(*cls.OPTIONS)
        cls.addClassCleanup(cls.server.end)
        cls.port = cls.server.port

    def client(self, settings=None):
        client = Client(self.port, settings)
        self.addCleanup(client.close)
        return client.shake_hands()

    def connection(self, settings=None):
        return json.loads(self.client(settings).get("/tls")[1])["connection"]

    def each_version(self):
        for option in HTTP_VERSIONS:
            with self.subTest(option):
                yield option


class Paths(ServerTest):
    def test_json(self):
        for version in self.each_version():
            answer = curl(self.port, "/tls", version)
            self.assertEqual((answer.status, answer.fields["content-type"]), (200, "application/json"))
            told = json.loads(answer.body)
            self.assertEqual(list(told)[:2], ["tls_data", "tls_fingerprints"])
            self.assertEqual(list(told["tls_data"]), TLS_DATA)
            self.assertEqual(list(told["tls_fingerprints"])[:9], FINGERPRINTS)
            self.assertEqual(list(told["connection"]), CONNECTION)
            self.assertEqual(list(told["names"]), TLS_DATA)

    def test_json_of_a_hello(self):
        client = self.client()
        told = json.loads(client.get("/tls")[1])
        data, names = told["tls_data"], told["names"]
        self.assertEqual(data["server_name"], b"localhost".hex())
        self.assertEqual(data["alpn"], [b"http/1.1".hex()])
        self.assertEqual((names["server_name"], names["alpn"]), ("localhost", ["http/1.1"]))
        for key in TLS_DATA:
            if isinstance(data[key], list):
                self.assertEqual(len(data[key]), len(names[key]), key)
        self.assertIn("TLS_AES_256_GCM_SHA384", names["cipher_suites"])
        connection = told["connection"]
        self.assertEqual((connection["version"], connection["alpn"]), ("TLSv1.3", "http/1.1"))
        self.assertEqual((connection["resumed"], connection["retried"]), (False, False))
        self.assertEqual(connection["record_version"], "0301")
        address, port = client.socket.getsockname()
        self.assertEqual((connection["client_address"], connection["client_port"]), (address, port))

    def test_without_extensions_of_its_own(self):
        """No ALPN: HTTP/1.1; no SNI: null."""
        settings = wire.context(alpn=())
        with Plain(self.port) as plain:
            tls = settings.wrap_socket(plain.socket)
            tls.sendall(b"GET /tls HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            received = b""
            while piece := tls.recv(65536):
                received += piece
            tls.close()
        told = json.loads(received.partition(b"\r\n\r\n")[2])
        self.assertEqual((told["tls_data"]["server_name"], told["tls_data"]["alpn"]), (None, []))
        self.assertEqual((told["names"]["server_name"], told["connection"]["alpn"]), (None, None))

    def test_other_protocols(self):
        """A client that offers none of ours is served, too."""
        self.assertIsNone(self.connection(wire.context(["http/1.0", "foo"]))["alpn"])

    def test_values(self):
        client = self.client()
        prints = json.loads(client.get("/tls")[1])["tls_fingerprints"]
        for name in "ja4", "ja3":
            self.assertEqual(client.get(f"/{name}"), (200, prints[name].encode()))
        self.assertRegex(prints["ja4"], "^t13d[0-9]{4}h1_[0-9a-f]{12}_[0-9a-f]{12}$")
        self.assertRegex(prints["ja3"], "^[0-9a-f]{32}$")

    def test_client_hello(self):
        client = self.client()
        self.assertEqual(client.get("/client-hello"), (200, message_of(client.first)))

    def test_home(self):
        for version in self.each_version():
            answer = curl(self.port, "/", version)
            self.assertEqual((answer.status, answer.body), (200, b"OK"))
            self.assertEqual(answer.fields["content-type"], "text/plain; charset=utf-8")
            page = curl(self.port, "/", version, "-H", HTML)
            self.assertEqual((page.status, page.fields["content-type"]), (200, "text/html; charset=utf-8"))

    def test_head(self):
        for version in self.each_version():
            for path in PATHS:
                get, head = curl(self.port, path, version), curl(self.port, path, version, "--head")
                self.assertEqual((head.status, head.body), (get.status, b""))
                del get.fields["date"], head.fields["date"]
                self.assertEqual(head.fields, get.fields)
                self.assertEqual(int(head.fields["content-length"]), len(get.body))

    def test_other_methods(self):
        for version in self.each_version():
            for method in "POST", "PUT", "DELETE", "OPTIONS", "PATCH":
                for path in "/", "/tls":
                    answer = curl(self.port, path, version, "-X", method)
                    self.assertEqual((answer.status, answer.fields["allow"]), (405, "GET, HEAD"), method)

    def test_body(self):
        """It is answered before it is all there, and not read as the next request."""
        body = scratch_file(self, b"GET /tls HTTP/1.1\r\nHost: a\r\n\r\n" * 50000)
        for version in self.each_version():
            answer = curl(self.port, "/", version, "--data-binary", f"@{body}")
            self.assertEqual(answer.status, 405)

    def test_unknown(self):
        for version in self.each_version():
            for path in "/foo", "/tls/", "/TLS", "/ja", "/%74ls":
                self.assertEqual(curl(self.port, path, version).status, 404, path)

    def test_icon(self):
        for version in self.each_version():
            answer = curl(self.port, "/favicon.ico", version)
            self.assertEqual((answer.status, answer.fields["content-type"]), (200, "image/svg+xml"))
            self.assertIn(b"<svg ", answer.body)

    def test_query(self):
        for version in self.each_version():
            for query in "?", "?a=b", "?/ja4", "?" + "x" * 4000:
                self.assertEqual(curl(self.port, f"/tls{query}", version).status, 200)

    def test_fresh(self):
        """Answers about one connection are not cached."""
        self.assertEqual(curl(self.port, "/tls", "--http2").fields["cache-control"], "no-store")

    def test_address_6(self):
        if not socket.has_ipv6 or not pathlib.Path("/proc/net/if_inet6").read_text():
            self.fail("this computer has no IPv6, on which the server should listen, too")
        answer = curl(self.port, "/tls", "--http2", host="[::1]")
        self.assertEqual(json.loads(answer.body)["connection"]["client_address"], "::1")


class Names(unittest.TestCase):
    def test_lists(self):
        """Names by part of JA4, with all that HTML has to escape; a broken row is told, and skipped."""
        with Running() as server:
            part_a = curl(server.port, "/ja4", "--http1.1").body.decode().split("_")[0]
        path = scratch_file(self, f"ja4_a,name,level\nt13d,too short,\n{part_a},Us & <them>,warn\n".encode())
        with Running("--labels", path) as server:
            told = json.loads(curl(server.port, "/tls", "--http1.1").body)
            self.assertEqual((told["client"], told["level"]), (["Us & <them>"], "warn"))
            page = curl(server.port, "/", "--http1.1", "-H", HTML).body.decode()
            self.assertIn("Known as Us &amp; &lt;them&gt;<", page)
            self.assertIn(f"{path}:2: 't13d' is no ja4_a", server.said())

    def test_no_list(self):
        done = subprocess.run([program(), "--labels", "/nonexistent"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--labels: Failed to open file", done.stderr)
        done = subprocess.run([program(), "--labels", __file__], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"--labels: {__file__}: no name in it can be used\n", done.stderr)


class Page(ServerTest):
    def test_nothing_from_elsewhere(self):
        page = curl(self.port, "/", "--http2", "-H", HTML)
        text = page.body.decode()
        self.assertNotRegex(text, r"(?i)(src|srcset|data|action|background)\s*=|@import|url\(|style=|\son\w+=")
        self.assertEqual(re.findall(r"<link [^>]*href=\"([^\"]*)", text), ["/favicon.ico"])
        policy = page.fields["content-security-policy"]
        self.assertIn("default-src 'none'", policy)
        self.assertNotIn("unsafe", policy)

    def test_says_what_json_says(self):
        client = self.client()
        told = json.loads(client.get("/tls")[1])
        client.write(f"GET / HTTP/1.1\r\nHost: a.example:1\r\n{HTML}\r\n\r\n".encode())
        text = client.answer()[1].decode()
        plain = text.replace("<wbr>", "")
        for value in (told["tls_fingerprints"][key] for key in FINGERPRINTS):
            if value not in "".join(plain.split()):
                self.assertIn(f">{value}<", plain)
        for key in "cipher_suites", "extensions", "supported_groups", "signature_algorithms":
            for value, name in zip(told["tls_data"][key], told["names"][key]):
                self.assertIn(f"<td>{value}</td><td>{name}</td>", plain)
        self.assertIn("https://a.example:1/all", plain)

    def test_escaped(self):
        """What comes from the client stays text."""
        evil = wire.context(["http/1.1", "<img>&'\""])
        client = self.client(evil)
        client.write(f'GET / HTTP/1.1\r\nHost: a&\'b\r\n{HTML}\r\n\r\n'.encode())
        text = client.answer()[1].decode()
        self.assertNotIn("<img>", text)
        self.assertIn("https://a&amp;&apos;b/all", text)
        self.assertIn("&lt;img&gt;&amp;&apos;&quot;", text)


class Http(ServerTest):
    def test_keep_alive_is_fast(self):
        """Without TCP_NODELAY each answer would wait some 40 ms for an acknowledgement."""
        client = self.client()
        start = time.monotonic()
        for _ in range(100):
            self.assertEqual(client.get("/tls")[0], 200)
        self.assertLess(time.monotonic() - start, 2)

    def test_old_http(self):
        client = self.client()
        client.write(b"GET /ja4 HTTP/1.0\r\n\r\n")
        self.assertEqual(client.answer()[0], 200)
        self.assertEqual(client.all(), b"")

    def test_close_notify(self):
        """The server ends with close_notify."""
        with socket.create_connection(("127.0.0.1", self.port)) as plain:
            tls = wire.context().wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=False)
            tls.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            while tls.recv(65536):  # it raises SSLEOFError where TCP ends first
                pass
            tls.close()

    def test_insecure(self):
        for path in "/", "/tls?x":
            done = subprocess.run(
                ["curl", "-si", f"http://localhost:{self.port}{path}"], capture_output=True, text=True, timeout=60
            )
            self.assertTrue(done.stdout.startswith("HTTP/1.1 400 "), done)
            self.assertIn(f"https://localhost:{self.port}{path}\n", done.stdout)

    def test_garbage(self):
        for data in b"\0" * 100, b"hello\r\n", b"SSH-2.0-x\r\n", b"\x15\3\1\0\2\2\0":
            with self.subTest(data), Plain(self.port) as client:
                client.send(data)
                self.assertEqual(client.rest(), b"")


class Resumption(unittest.TestCase):
    def sessions(self, port, version):
        """Two connections, the second with the session of the first: what each is told."""
        settings = wire.context(least=version, most=version)
        told, session = [], None
        for _ in range(2):
            plain = socket.create_connection(("127.0.0.1", port))
            with settings.wrap_socket(plain, server_hostname="localhost", session=session) as tls:
                tls.sendall(b"GET /tls HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                received = b""
                while piece := tls.recv(65536):
                    received += piece
                session = tls.session
                told.append(json.loads(received.partition(b"\r\n\r\n")[2]))
        return told

    def check(self, resumed, *options):
        with Running(*options) as server:
            for version in V12, V13:
                told = self.sessions(server.port, version)
                self.assertEqual([one["connection"]["resumed"] for one in told], [False, resumed], version)

    def test_off(self):
        self.check(False)

    def test_on(self):
        self.check(True, "--tickets")

    def test_on_among_workers(self):
        self.check(True, "--tickets", "--workers", 3)


class Versions(unittest.TestCase):
    def version(self, port, least, most):
        with Client(port, wire.context(least=least, most=most)) as client:
            client.shake_hands()
            return json.loads(client.get("/tls")[1])["connection"]["version"]

    def test_default(self):
        with Running() as server:
            self.assertEqual(self.version(server.port, V12, V12), "TLSv1.2")
            self.assertEqual(self.version(server.port, V12, V13), "TLSv1.3")
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                self.version(server.port, V10, V10)

    def test_old(self):
        with Running("--tls-min", "1.0") as server:
            self.assertEqual(self.version(server.port, V10, V10), "TLSv1")
            self.assertEqual(self.version(server.port, V12, V13), "TLSv1.3")

    def test_highest(self):
        with Running("--tls-max", "1.2") as server:
            self.assertEqual(self.version(server.port, V12, V13), "TLSv1.2")


class HelloRetryRequest(ServerTest):
    OPTIONS = ("--groups", "P-384")

    def test_first_hello(self):
        client = self.client()
        told = json.loads(client.get("/tls")[1])
        self.assertEqual((told["connection"]["retried"], told["connection"]["group"]), (True, "secp384r1"))
        self.assertEqual(client.get("/client-hello")[1], message_of(client.first))


class Certificates(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def make(self, *key):
        cert, private = self.folder / "cert.pem", self.folder / "key.pem"
        command = ["openssl", "req", "-x509", "-newkey", *key, "-nodes", "-days", "2", "-subj", "/CN=localhost"]
        command += ["-addext", "subjectAltName=DNS:localhost", "-out", cert, "-keyout", private]
        subprocess.run(command, check=True, capture_output=True)
        return cert, private

    def check_trusted(self, port, cert, host):
        url = f"https://{host}:{port}/ja4"
        done = subprocess.run(["curl", "-sS", "--cacert", cert, url], capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_made(self):
        with Running() as server:
            cert = self.folder / "made.pem"
            cert.write_text(ssl.get_server_certificate(("127.0.0.1", server.port)))
            for host in "localhost", "127.0.0.1", "[::1]":
                self.check_trusted(server.port, cert, host)

    def test_given(self):
        for key in (["rsa:2048"], ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]):
            cert, private = self.make(*key)
            both = self.folder / "both.pem"
            both.write_bytes(cert.read_bytes() + private.read_bytes())
            for options in (["--cert", cert, "--key", private], ["--cert", both]):
                with self.subTest(key=key, options=options), Running(*options) as server:
                    self.check_trusted(server.port, cert, "localhost")


class Workers(ServerTest):
    OPTIONS = ("--workers", 4)

    def test_each_serves(self):
        for _ in range(40):
            self.assertEqual(self.connection()["version"], "TLSv1.3")


class Proxy(ServerTest):
    OPTIONS = ("--proxy-protocol",)
    V2 = b"\r\n\r\n\0\r\nQUIT\n"

    def told(self, header, pieces=1):
        def send(client, flight):
            data = header + flight
            step = max(1, -(-len(header) // pieces))
            for at in range(0, len(header), step):
                client.send(data[at : min(at + step, len(header))])
                time.sleep(0.002)
            client.send(flight)

        with Client(self.port, before=send) as client:
            client.shake_hands()
            self.assertEqual(client.get("/client-hello")[1], message_of(client.first))
            connection = json.loads(client.get("/tls")[1])["connection"]
            return connection["client_address"], connection["client_port"]

    def test_version_1(self):
        for pieces in 1, 2, 50:
            header = b"PROXY TCP4 192.0.2.1 198.51.100.2 40000 443\r\n"
            self.assertEqual(self.told(header, pieces), ("192.0.2.1", 40000))
            header = b"PROXY TCP6 2001:db8::1 2001:db8::2 40001 443\r\n"
            self.assertEqual(self.told(header, pieces), ("2001:db8::1", 40001))

    def test_version_2(self):
        addresses = socket.inet_aton("192.0.2.1") + socket.inet_aton("198.51.100.2") + struct.pack("!HH", 40000, 443)
        extra = b"\x04\x03\x00" + bytes(0x300)
        for pieces in 1, 3, 50:
            for body in addresses, addresses + extra:
                header = self.V2 + b"\x21\x11" + struct.pack("!H", len(body)) + body
                self.assertEqual(self.told(header, pieces), ("192.0.2.1", 40000))

    def test_in_one_segment_with_the_hello(self):
        def send(client, flight):
            client.send(b"PROXY TCP4 192.0.2.9 198.51.100.2 40000 443\r\n" + flight)

        with Client(self.port, before=send) as client:
            client.shake_hands()
            self.assertIn(b"192.0.2.9", client.get("/tls")[1])

    def test_own(self):
        self.assertEqual(self.told(self.V2 + b"\x20\0\0\0")[0], "127.0.0.1")
        self.assertEqual(self.told(b"PROXY UNKNOWN\r\n")[0], "127.0.0.1")

    def test_none(self):
        with Plain(self.port) as client:
            client.send(wire.first_flight())
            self.assertEqual(client.rest(), b"")


class Logs(unittest.TestCase):
    def test_json(self):
        with Started("--log", "json") as server:
            with Client(server.port) as client:
                client.shake_hands()
                ja4 = client.get("/ja4")[1].decode()
                client.write(b'GET /a"\\ HTTP/1.1\r\nHost: a\r\nUser-Agent: \xff<x>\r\n\r\n')
                client.answer()
            with Plain(server.port) as client:
                client.send(b"\0\0\0")
                client.rest()
            lines = [json.loads(line) for line in server.lines(4)]
        self.assertEqual([line["event"] for line in lines], ["handshake", "request", "request", "failure"])
        for line in lines[:3]:
            self.assertEqual((line["ja4"], line["server_name"]), (ja4, "localhost"))
            self.assertEqual(line["client_address"], "127.0.0.1")
            self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual(lines[0]["version"], "TLSv1.3")
        self.assertEqual((lines[1]["method"], lines[1]["target"], lines[1]["status"]), ("GET", "/ja4", 200))
        self.assertEqual((lines[2]["target"], lines[2]["user_agent"]), ('/a"\\\\', "\\xff<x>"))
        self.assertEqual((lines[3]["ja4"], lines[3]["reason"]), (None, "neither TLS nor HTTP"))

    def test_text(self):
        with Started("--log", "text") as server:
            with Client(server.port) as client:
                client.shake_hands()
                ja4 = client.get("/ja4")[1].decode()
                client.write(b"GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: a\x09\"\xff\r\n\r\n")
                client.answer()
            lines = server.lines(3)
        start = rf"^\S+Z 127\.0\.0\.1 \d+ {ja4} [0-9a-f]{{32}} "
        self.assertRegex(lines[0], start + r'handshake TLSv1\.3 TLS_\w+ http/1\.1 "localhost"$')
        self.assertRegex(lines[1], start + r'request 200 "GET" "/ja4" ""$')
        self.assertRegex(lines[2], start + r'request 200 "GET" "/" "a\\t\\x22\\xff"$')


class Limits(unittest.TestCase):
    def is_open(self, client):
        client.socket.setblocking(False)
        try:
            while client.socket.recv(4096):
                pass
        except BlockingIOError:
            return True
        except ConnectionError:
            pass
        return False

    def test_per_address(self):
        with Running("--max-per-address", 3) as server:
            with contextlib.ExitStack() as stack:
                clients = [stack.enter_context(Client(server.port)).shake_hands() for _ in range(3)]
                with Plain(server.port) as fourth:
                    self.assertEqual(fourth.rest(), b"")
                self.assertEqual(curl(server.port, "/ja4", "--http2", host="[::1]").status, 200)
                self.assertEqual(clients[0].get("/ja4")[0], 200)
            self.serves_soon(server.port)

    def serves_soon(self, port):
        """Closed connections are noticed a moment later."""
        give_up = time.monotonic() + 10
        while True:
            try:
                with Client(port) as client:
                    self.assertEqual(client.shake_hands().get("/ja4")[0], 200)
                    return
            except (ssl.SSLError, ConnectionError):
                self.assertLess(time.monotonic(), give_up)
                time.sleep(0.05)

    def test_all(self):
        """The connection that has been quiet for the longest makes room, and none that was busy a moment ago."""
        with Running("--max-connections", 3) as server, contextlib.ExitStack() as stack:
            clients = [stack.enter_context(Client(server.port)).shake_hands() for _ in range(3)]
            with Plain(server.port) as fourth:
                self.assertEqual(fourth.rest(), b"")
            time.sleep(1.1)
            self.assertEqual(clients[0].get("/ja4")[0], 200)
            new = stack.enter_context(Client(server.port)).shake_hands()
            self.assertEqual(new.get("/ja4")[0], 200)
            self.assertEqual([self.is_open(client) for client in clients], [True, False, True])

    def test_descriptors(self):
        """With a full table of descriptors the server goes on serving; new clients wait until there is room."""
        needs.programs("prlimit")
        with Started("--idle-time", "1.5", before=["prlimit", "--nofile=30:30"]) as server:
            with contextlib.ExitStack() as stack:
                for _ in range(60):
                    stack.enter_context(Plain(server.port))
                for _ in range(5):
                    with Client(server.port) as client:
                        self.assertEqual(client.shake_hands().get("/ja4")[0], 200)

    def test_idle(self):
        with Running("--idle-time", "0.3") as server, Client(server.port) as client:
            client.shake_hands()
            for _ in range(3):
                time.sleep(0.2)
                self.assertEqual(client.get("/ja4")[0], 200)
            start = time.monotonic()
            self.assertEqual(client.all(), b"")
            self.assertGreater(time.monotonic() - start, 0.2)

    def test_idle_http2(self):
        """It is told that no more requests are served."""
        with Running("--idle-time", "0.3") as server, Client(server.port, wire.context(["h2"])) as client:
            client.shake_hands()
            client.write(wire.PREFACE + wire.settings() + wire.head("/ja4", 1))
            self.assertRegex(client.body_of(1), b"^t13")
            self.assertEqual(client.next_frame()[0], wire.GOAWAY)
            self.assertEqual(client.all(), b"")

    def test_large_head(self):
        with Running("--max-head", 1) as server:
            for option in HTTP_VERSIONS:
                with self.subTest(option):
                    answer = curl(server.port, "/", option, "-H", "X: " + "x" * 1000)
                    self.assertEqual(answer.status, 431)
                    self.assertEqual(curl(server.port, "/", option, "-H", "X: " + "x" * 500).status, 200)


class Ending(unittest.TestCase):
    def test_signals(self):
        for number in signal.SIGTERM, signal.SIGINT:
            with Started() as server, Client(server.port) as client:
                client.shake_hands()
                client.get("/ja4")
                server.process.send_signal(number)
                self.assertEqual(server.process.wait(30), 0)
                self.assertEqual(client.all(), b"")

    def test_connections_without_a_handshake(self):
        """They end at once: silent ones, and those in the middle of a hello."""
        with Started() as server, Plain(server.port) as silent, Plain(server.port) as begun:
            begun.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
            time.sleep(0.3)
            began = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(server.process.wait(30), 0)
            self.assertLess(time.monotonic() - began, 5)
            for client in silent, begun:
                self.assertEqual(client.rest(), b"")

    def test_open_answers_are_sent(self):
        with Started() as server, Client(server.port) as client:
            client.shake_hands()
            client.write(b"GET /tls HTTP/1.1\r\nHost: a\r\n\r\n" * 5000)
            time.sleep(1)
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            self.assertIsNone(server.process.poll())
            n_answers = 0
            while (answer := client.answer())[0] == 200:
                json.loads(answer[1])
                n_answers += 1
            self.assertEqual(answer, (0, b""))
            self.assertGreater(n_answers, 1)
            self.assertEqual(server.process.wait(30), 0)

    def test_http2_is_told(self):
        with Started() as server, Client(server.port, wire.context(["h2"])) as client:
            client.shake_hands()
            client.write(wire.PREFACE + wire.settings() + wire.head("/ja4", 1))
            self.assertRegex(client.body_of(1), b"^t13")
            server.process.send_signal(signal.SIGTERM)
            kinds = []
            while (kind := client.next_frame()[0]) is not None:
                kinds.append(kind)
            self.assertIn(wire.GOAWAY, kinds)
            self.assertEqual(server.process.wait(30), 0)


class Options(unittest.TestCase):
    def run_server(self, *arguments):
        command = [program(), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)

    def test_greeting(self):
        with Running() as server:
            url = f"https://localhost:{server.port}/"
            places = f"127.0.0.1:{server.port}, [::1]:{server.port}"
            self.assertEqual(server.said(), f"tlsfp-echo: {url}\n  curl -sk {url}tls\n  listening at {places}\n")

    def test_host(self):
        with Running("--host", "127.0.0.2") as server:
            self.assertIn("https://127.0.0.2:", server.said())
            self.assertEqual(curl(server.port, "/ja4", "--http2", host="127.0.0.2").status, 200)
            with self.assertRaises(ConnectionRefusedError):
                Plain(server.port)

    def test_hosts(self):
        with Running("--host", "::1", "--host", "127.0.0.2") as server:
            for host in "[::1]", "127.0.0.2":
                self.assertEqual(curl(server.port, "/ja4", "--http2", host=host).status, 200)

    def test_all_addresses(self):
        with Running("--host", "0.0.0.0", "--host", "::") as server:
            for host in "[::1]", "127.0.0.2":
                self.assertEqual(curl(server.port, "/ja4", "--http2", host=host).status, 200)
            said = server.said().splitlines()
            self.assertEqual(said[0], f"tlsfp-echo: https://localhost:{server.port}/")
            self.assertRegex(said[2], rf"^  listening at 0\.0\.0\.0:{server.port} \(127\.0\.0\.1.*\), \[::\]:{server.port} \(::1.*\)$")

    def test_port_in_use(self):
        with Running() as server:
            for workers in 1, 2:
                done = self.run_server("--port", server.port, "--workers", workers)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertRegex(done.stderr, f"^tlsfp-echo: 127.0.0.1 port {server.port}: Address already in use; --port takes another one, --port 0 one that is free\n$")

    def test_help(self):
        done = self.run_server("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("--proxy-protocol", done.stdout)

    def test_version(self):
        version, http3 = self.run_server("--version").stdout.splitlines()
        self.assertRegex(version, r"^tlsfp-echo \d+\.\d+\.\d+$")
        libraries = r"ngtcp2 \d\S*, nghttp3 \d\S*, GnuTLS \d\S*|no \(built without ngtcp2 and nghttp3\)"
        self.assertRegex(http3, f"^HTTP/3: ({libraries})$")

    def test_wrong(self):
        for arguments in ["--foo"], ["--port", "x"], ["--tls-min", "1.4"], ["foo"]:
            done = self.run_server(*arguments)
            self.assertEqual((done.stdout, done.returncode), ("", 2))
            self.assertRegex(done.stderr, "^tlsfp-echo: .*\nTry 'tlsfp-echo --help'.\n$")
        for arguments in ["--groups", "foo"], ["--host", "foo.invalid"]:
            done = self.run_server(*arguments, "--port", 0)
            self.assertEqual((done.stdout, done.returncode), ("", 2))
            self.assertRegex(done.stderr, f"^tlsfp-echo: {arguments[0]}: .*\n$")

    def test_manual_knows_every_option(self):
        manual = (needs.source() / "packaging/man/tlsfp-echo.1").read_text()
        completion = (needs.source() / "packaging/completions/tlsfp-echo").read_text()
        options = re.findall(r"--[a-z0-9-]+", self.run_server("--help").stdout.partition("\n\n")[2].partition("\n\nW")[0])
        self.assertGreater(len(set(options)), 15)
        for option in options:
            self.assertIn(f"Fl -{option[2:]}", manual)
            self.assertIn(option, completion)

    def test_manual(self):
        if not shutil.which("mandoc"):
            raise AssertionError("missing: mandoc (Debian package mandoc)")
        command = ["mandoc", "-T", "lint", "-W", "warning", needs.source() / "packaging/man/tlsfp-echo.1"]
        done = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, ""))


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What tlsfp-census export writes, in the programs that it is for: HAProxy as packaging/haproxy/ja4.cfg has it, nginx
behind that, tshark with the plugin. Suricata: tests/census/in-suricata. Zeek is only compared with its format."""

import configparser
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time
import unittest

from census_test import NONE, CensusTest, needs
from sandbox import Sandbox

PATIENCE = 20
CURL, WGET = ["curl", "-sk", "--http1.1"], ["wget", "-q", "--no-check-certificate", "-O", "-"]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def hello_of(client):
    """The bytes that a client sends first; it gets no answer."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://localhost:{listener.getsockname()[1]}/"
        child = subprocess.Popen([*client, url], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        connection, _ = listener.accept()
        with connection:
            data = connection.recv(65536)
        child.kill()
        child.wait()
    return data


def integer(value, size):
    return value.to_bytes(size, "big")


def records():
    """{name: (a TLS record, its JA4)} of the vectors that are whole hellos."""
    vectors = configparser.RawConfigParser(strict=True, comment_prefixes=("#",), delimiters=("=",))
    vectors.optionxform = str
    vectors.read(needs.source() / "tests/vectors/hellos.ini", encoding="utf-8")
    found = {}
    for name in vectors.sections():
        row = dict(vectors[name])
        if "ja4" not in row or row.get("status", "ok") != "ok" or row.get("transport", "t") != "t" or "after" in row:
            continue
        if "message" in row:
            message = bytes.fromhex(row["message"])
        else:
            ciphers = bytes.fromhex(row.get("ciphers", "").replace(",", ""))
            body = bytes.fromhex(row.get("version", "0303")) + bytes(32) + b"\0" + integer(len(ciphers), 2) + ciphers + b"\1\0"
            block = None
            if "block" in row:
                block = bytes.fromhex(row["block"])
            elif "extensions" in row:
                block = b""
                for each in filter(None, row["extensions"].split(";")):
                    kind, _, data = each.partition("=")
                    data = bytes.fromhex(data)
                    block += bytes.fromhex(kind) + integer(len(data), 2) + data
            body += b"" if block is None else integer(len(block), 2) + block
            message = b"\1" + integer(len(body), 3) + body
        if len(message) < 16384:
            found[name] = (b"\x16\3\1" + integer(len(message), 2) + message, row["ja4"])
    return found


class Behind(CensusTest):
    """HAProxy, and nginx behind it; curl's JA4 is refused, wget's is in nginx's map."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hellos = {name: hello_of(words) for name, words in (("curl", CURL), ("wget", WGET))}
        cls.values = {}
        for name, data in cls.hellos.items():
            words = [needs.setting("TLSFP_EXPLAIN"), "--json", "--labels", cls.list, "-"]
            text = subprocess.run(words, input=data, capture_output=True).stdout.decode()
            cls.values[name] = dict(re.findall(r'"(ja[34])": ?"([^"]+)"', text))
        assert cls.values["curl"]["ja4"] != cls.values["wget"]["ja4"], cls.values

    def setUp(self):
        super().setUp()
        self.port, self.web = free_port(), free_port()
        for name in ("refused-ja4.lst", "map.conf"):
            (self.here / name).write_text("")

    def export(self, value, target, name, output):
        (self.here / "values").write_text(f"{value} # {name}\n")
        self.run_census("export", "--values", "values", "--to", target, "-o", output)

    def start(self, words, log):
        file = open(self.here / log, "wb")
        child = subprocess.Popen(words, cwd=self.here, stdout=file, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        self.addCleanup(file.close)
        self.addCleanup(child.wait)
        self.addCleanup(child.terminate)

    def await_port(self, port):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                if time.monotonic() > end:
                    raise AssertionError("".join(path.read_text() for path in self.here.glob("*.log"))) from None
                time.sleep(0.05)

    def serve(self, by_ja3=False):
        """Starts both, as they are installed but for places and ports. by_ja3: refuses by JA3, too."""
        folder = needs.source() / "packaging/haproxy"
        text = (folder / "ja4.cfg").read_text()
        for old, new in (("bind :443\n", f"bind 127.0.0.1:{self.port}\n    log stdout format raw daemon\n"
                          '    log-format "JA4 %[var(sess.ja4)]"\n'), ("    bind :::443 v6only\n", ""),
                         ("/etc/haproxy", str(self.here)), ("/usr/share/tlsfp/haproxy", str(folder)),
                         ("127.0.0.1:8080", f"127.0.0.1:{self.web}"), ("abns@tlsfp", f"abns@tlsfp-{os.getpid()}")):
            self.assertIn(old, text)
            text = text.replace(old, new)
        if by_ja3:
            text, n = re.subn(r"#(?=http-request deny .*refused-ja3)", "", text)
            self.assertEqual(n, 1)
        (self.here / "haproxy.cfg").write_text(text)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                        "/CN=localhost", "-keyout", "key.pem", "-out", "cert.pem"], cwd=self.here, check=True, capture_output=True)
        (self.here / "site.pem").write_text((self.here / "cert.pem").read_text() + (self.here / "key.pem").read_text())
        (self.here / "nginx.conf").write_text(
            f"daemon off; error_log stderr; pid {self.here}/nginx.pid; worker_processes 1; events {{}}\n"
            f"http {{ access_log off; include {self.here}/map.conf; server {{ listen 127.0.0.1:{self.web};\n"
            + "".join(f"{kind}_temp_path {self.here}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
            + 'location / { return 200 "$http_x_ja4 $http_x_ja3 [$tlsfp_client]"; } } }\n')
        haproxy = shutil.which("haproxy") or "/usr/sbin/haproxy"
        checked = subprocess.run([haproxy, "-c", "-f", "haproxy.cfg"], cwd=self.here, capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.start([shutil.which("nginx") or "/usr/sbin/nginx", "-p", self.here, "-c", self.here / "nginx.conf"], "nginx.log")
        self.start([haproxy, "-f", "haproxy.cfg"], "haproxy.log")
        self.await_port(self.web)
        self.await_port(self.port)

    def ask(self, client):
        words = [*client, f"https://localhost:{self.port}/"]
        return subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE).stdout

    def test_refused_by_ja4(self):
        curl, wget = self.values["curl"], self.values["wget"]
        self.export(curl["ja4"], "haproxy", "curl", "refused-ja4.lst")
        self.export(wget["ja4"], "nginx-map", "GNU wget", "map.conf")
        self.serve()
        self.assertEqual(self.ask(CURL), "")
        self.assertEqual(self.ask(WGET), f"{wget['ja4']} {wget['ja3']} [GNU wget]")

    def test_refused_by_ja3(self):
        curl, wget = self.values["curl"], self.values["wget"]
        self.export(wget["ja3"], "haproxy", "wget", "refused-ja3.lst")
        self.export(curl["ja3"], "nginx-map", "", "map.conf")
        self.serve(by_ja3=True)
        self.assertEqual(self.ask(WGET), "")
        self.assertEqual(self.ask(CURL), f"{curl['ja4']} {curl['ja3']} [listed]")

    def test_lua_by_the_vectors(self):
        """ja4.lua computes what the vectors say, wherever HAProxy sees a ClientHello at all."""
        self.export(self.values["curl"]["ja4"], "nginx-map", "", "map.conf")
        self.serve()
        said = {}
        for name, (record, _) in records().items():
            before = (self.here / "haproxy.log").stat().st_size
            with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as plain:
                plain.sendall(record)
                plain.shutdown(socket.SHUT_WR)
                try:
                    while plain.recv(4096):
                        pass
                except ConnectionError:
                    pass
            end = time.monotonic() + PATIENCE
            while not (lines := re.findall(r"JA4 (\S+)\n", (self.here / "haproxy.log").read_text()[before:])):
                self.assertLess(time.monotonic(), end)
                time.sleep(0.01)
            said[name] = lines[0]
        expected = {name: ja4 for name, (_, ja4) in records().items() if said[name] != "-"}
        self.assertEqual({name: ja4 for name, ja4 in said.items() if ja4 != "-"}, expected)
        self.assertGreater(len(expected), 0.8 * len(said), sorted(said.keys() - expected.keys()))
        self.assertTrue(all(name in expected for name in said if name.startswith("capture/")))


class Others(CensusTest):
    def test_wireshark(self):
        """The filter finds the frames of the samples that carry the values."""
        capture = needs.source() / "samples/captures/chromium.pcapng"
        self.run_census("add", self.db, *self.captures)
        own = {line["tls_fingerprints"]["ja4"] for line in self.samples if line["file"] == str(capture)}
        shown = self.run_census("export", self.db, *sorted(own), "--to", "wireshark").stdout.strip()
        others = self.run_census("export", self.db, "t13*", "q13*", "t12*", "--to", "wireshark").stdout.strip()
        with Sandbox(needs.setting("TLSFP_PLUGIN")) as sandbox:
            def frames(condition):
                words = ["tshark", "-n", "-r", sandbox.put(capture), "-Y", condition, "-T", "fields", "-e", "frame.number"]
                return sandbox.run(words, check=True).stdout.split()
            expected = [str(line["frame"]) for line in self.samples if line["file"] == str(capture)]
            self.assertEqual(frames(shown), expected)
            self.assertEqual(frames(others), expected)
            self.assertEqual(frames(f"tlsfp.ja4 and not ({shown})"), [])

    def test_zeek(self):
        """https://docs.zeek.org/en/master/frameworks/intel.html: fields that Intel::Item and Intel::MetaData have, behind
        "#fields", and between tabs; types that the script beside it defines."""
        self.run_census("add", self.db, *self.captures)
        head, *rows = self.run_census("export", self.db, "--to", "zeek-intel").stdout.splitlines()
        columns = head.split("\t")
        self.assertEqual(columns[0], "#fields")
        self.assertLessEqual({"indicator", "indicator_type", "meta.source"}, set(columns))
        self.assertLessEqual(set(columns[1:]), {"indicator", "indicator_type", "meta.source", "meta.desc", "meta.url"})
        script = (needs.source() / "packaging/zeek/tlsfp.zeek").read_text()
        for row in rows:
            cells = row.split("\t")
            self.assertEqual(len(cells), len(columns) - 1, row)
            self.assertTrue(all(cells), row)
            self.assertRegex(script, rf"\b{cells[1].partition('::')[2]}\b")
        self.assertIn("redef enum Intel::Type += { JA3, JA4 };", script)
        self.run_census("export", self.db, "t99*", "--to", "zeek-intel", status=NONE)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""tlsfp-explain as people run it."""

import importlib.machinery
import importlib.util
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "plugin"))

import needs  # noqa: E402

FOUND, NONE, TROUBLE, UNKNOWN = 0, 1, 2, 3
JA4_R = "t13d0206h2_1301,1302_0005,000a,000d,0015_0403,0804"
LIST = f"""name,family,versions,engine,kind,ja4,stable,ja4_r,ja3_r,user_agent
Web 1–9,Web,1–9,BoringSSL,real,t13d0206h2_62ed6f6ca7ad_000000000001,,"{JA4_R}","771,4865-4866,0-5-10-13-16-21,29,0",Web/9.1
Web 10–12,Web,10–12,BoringSSL,real,t13d0206h2_62ed6f6ca7ad_000000000002,,"{JA4_R}","771,4865-4866,0-5-10-13-16-21,4588-29,0",Web/12.0
tool 3,tool,3,OpenSSL 3.0,real,t13d0304h2_000000000003_000000000003,,"t13d0304h2_1301,1302,1303_000a,000d_0403","771,4865-4866-4867,0-10-13-16,29,0",tool/3.1
"""


def claims():
    loader = importlib.machinery.SourceFileLoader("claims", str(pathlib.Path(__file__).with_name("claims")))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("claims", loader))
    loader.exec_module(module)
    return module


class Explaining(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.program = needs.setting("TLSFP_EXPLAIN")
        folder = tempfile.TemporaryDirectory(prefix="tlsfp-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        (cls.folder / "list.csv").write_text(LIST)
        cls.captures = needs.source() / "samples/captures"

    def run_explain(self, *words, status=FOUND, **options):
        if "input" not in options:
            options["stdin"] = subprocess.DEVNULL
        words = [self.program, "--labels", self.folder / "list.csv", *map(str, words)]
        done = subprocess.run(words, capture_output=True, cwd=self.folder, timeout=60, **options)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout.decode()

    def explained(self, *words, **options):
        return [json.loads(line) for line in self.run_explain("--json", *words, **options).splitlines()]

    def lines(self, *captures):
        words = [needs.setting("TLSFP_SEARCH"), "--json", "--quiet", *captures]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout

    @unittest.skipIf(os.path.exists("/usr/local/share/tlsfp/clients.csv"), "a list is installed")
    def test_without_any_list(self):
        """It is not said that nobody has the value."""
        missing = "no list of names is installed; name one by --labels"
        for words, status in (((), 1), (("--claim", "Web/12"), 3)):
            done = subprocess.run([self.program, *words, JA4_R], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, status)
            self.assertIn(missing, done.stdout)

    def test_values(self):
        known, = self.explained("t13d0206h2_62ed6f6ca7ad_000000000001")
        self.assertEqual((known["client"], known["certainty"]), (["Web 1–9"], "exactly"))
        known, = self.explained("t13_62ed6f6ca7ad_000000000009", status=NONE)
        self.assertEqual(known["client"], [])
        self.assertEqual(known["share_ja4_b"], [])
        text = self.run_explain("t13i0205h1_62ed6f6ca7ad_000000000009", status=NONE)
        self.assertIn("a hash cannot be turned back", text)
        self.assertRegex(text, "share part b +Web 1–9; Web 10–12")
        self.assertRegex(text, "server name +none")
        near, = self.explained("t13d0205h2_1301,1302_0005,000a,000d_0403,0804")
        self.assertEqual(near["nearest"][0]["differences"], ["without extension 0x0015 padding"])
        hashed, = self.explained("t13d0206h2_62ed6f6ca7ad_000000000002")
        self.assertEqual((hashed["known_from"], hashed["client"]), ("Web 10–12", ["Web 10–12"]))
        self.assertEqual([each["value"] for each in hashed["cipher_suites"]], ["1301", "1302"])
        self.assertIn("known from the list", self.run_explain("t13d0206h2_62ed6f6ca7ad_000000000002"))
        part, = self.explained("62ed6f6ca7ad", status=NONE)
        self.assertEqual(part["share_ja4_b"], ["Web 1–9", "Web 10–12"])

    def test_capture_frame_and_lines(self):
        capture = self.captures / "openssl-s-client-tls13.pcap"
        lines = self.lines(capture)
        read = [json.loads(line) for line in lines.splitlines()]
        whole = self.explained(capture)
        self.assertEqual(sum(row["count"] for row in whole), len(read))
        frame = self.explained(f"{capture}:{read[0]['frame']}")
        self.assertEqual(frame[0]["values"]["ja4"], read[0]["tls_fingerprints"]["ja4"])
        self.assertTrue(frame[0]["traits"])
        (self.folder / "lines").write_text(lines)
        for rows in (self.explained("lines"), self.explained("-", input=lines.encode()),
                     self.explained("-", input=capture.read_bytes())):
            self.assertEqual(rows[0]["values"]["ja4_ro"], frame[0]["values"]["ja4_ro"])
        self.run_explain(f"{capture}:1", status=TROUBLE)
        self.run_explain(self.captures / "no-tls.pcap", status=TROUBLE)

    def test_lines_are_counted(self):
        """Lines of the same client are one block; shuffled extensions make no other client, other groups do."""
        def line(ja3_r, **others):
            return json.dumps({"tls_fingerprints": {"ja4": "t13d0206h2_62ed6f6ca7ad_000000000001", "ja4_r": JA4_R, "ja3_r": ja3_r,
                                                    **others}}) + "\n"
        shuffled = [line(f"771,1,{order},29,0", ja3n_r="771,1,0-5-10,29,0") for order in ("5-0-10", "10-5-0", "0-10-5")]
        other = [line("771,1,5-0-10,23,0", ja3n_r="771,1,0-5-10,23,0")]
        bare = [line("771,1,5-0-10,24,0"), line("771,1,5-0-10,24,0"), line("771,1,5-0-10,25,0")]
        rows = self.explained("-", input="".join(shuffled + other + bare).encode())
        self.assertEqual([row["count"] for row in rows], [3, 1, 2, 1])

    def test_empty(self):
        """Nothing to explain is trouble, also as one side of a comparison."""
        for data in (b"", b"\n \n"):
            self.run_explain("-", input=data, status=TROUBLE)
            self.run_explain("--diff", JA4_R, "-", input=data, status=TROUBLE)

    def test_several_are_told(self):
        """Of a capture with several clients the first one is compared, which is said."""
        words = [self.program, "--diff", self.captures / "resumption.pcap", self.captures / "go.pcap"]
        done = subprocess.run(words, capture_output=True, text=True, cwd=self.folder)
        self.assertEqual(done.returncode, NONE)
        self.assertRegex(done.stderr, r"resumption.pcap: \d+ clients; the first one is compared")

    def test_bytes(self):
        message = bytes.fromhex("010000310303" + "5a" * 32 + "00" "0004" "13011302" "0100" "0004" "ff010000")
        record = b"\x16\x03\x01" + len(message).to_bytes(2, "big") + message
        self.assertEqual(len(message), 4 + 0x31)
        wanted = self.explained(message.hex())[0]["values"]["ja4_r"]
        self.assertEqual(wanted, "t12i020100_1301,1302_ff01")
        for data in (message, record, message.hex().encode(), record.hex(":").encode() + b"\n"):
            (self.folder / "hello").write_bytes(data)
            self.assertEqual(self.explained("hello")[0]["values"]["ja4_r"], wanted)
            self.assertEqual(self.explained("-", input=data)[0]["values"]["ja4_r"], wanted)
        (self.folder / "hello").write_bytes(message[:-1])
        self.run_explain("hello", status=TROUBLE)

    def test_datagrams(self):
        """A DTLS record, and a datagram of QUIC, as bytes: what the capture says of them."""
        for name in ("dtls12.pcap", "dtls10.pcap", "quic-ngtcp2.pcapng"):
            words = ["tshark", "-n", "-r", self.captures / name, "-Y", "udp", "-T", "fields", "-e", "udp.payload"]
            payloads = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()
            whole = self.explained(self.captures / name)[0]
            with self.subTest(name):
                self.assertEqual(self.explained("-", input=bytes.fromhex(payloads[0]))[0]["values"], whole["values"])
                self.assertEqual(self.explained("-", input=payloads[0].encode())[0]["values"], whole["values"])
                self.run_explain("-", status=TROUBLE, input=bytes.fromhex(payloads[0])[:-20])
        message = bytes.fromhex(subprocess.run(
            ["tshark", "-n", "-r", self.captures / "dtls12.pcap", "-Y", "dtls.handshake.type == 1", "-T", "fields", "-e",
             "udp.payload", "-c", "1"], check=True, capture_output=True, text=True).stdout.split()[0])[13:]
        self.assertEqual(self.explained("-", input=message)[0]["values"], self.explained(self.captures / "dtls12.pcap")[0]["values"])

    def test_bodies(self):
        """What extensions hold is compared where both hellos are whole."""
        text = self.run_explain("--diff", self.captures / "firefox-esr.pcapng", self.captures / "chromium.pcapng", status=NONE)
        self.assertIn("extension 0x001b compress_certificate: brotli instead of zlib, brotli, zstd  (touches no fingerprint)", text)
        rows = json.loads(self.run_explain("--diff", "--json", self.captures / "firefox-esr.pcapng",
                                           self.captures / "chromium.pcapng", status=NONE))["differences"]
        self.assertIn(("extension body", "changed", "001b"), [(row["part"], row["change"], row["value"]) for row in rows])

    def test_names(self):
        self.assertEqual(self.explained("Web 10–12")[0]["values"]["ja4_r"], JA4_R)
        for name in ("Web 11", "web 12", "Web 10"):
            self.assertEqual(self.explained(name)[0]["what"], "Web 10–12")
        for name in ("nobody", "Web 13", "Web", "Web x", "tool 4", "Web 11.0"):
            self.run_explain(name, status=TROUBLE)
        for name in ("Web 13", "web"):
            done = subprocess.run([self.program, "--labels", "list.csv", name], capture_output=True, text=True, cwd=self.folder)
            self.assertEqual(done.stderr, f"tlsfp-explain: {name}: the list has no such client, but Web 1–9, Web 10–12\n")

    def test_diff(self):
        text = self.run_explain("--diff", "Web 1–9", "Web 10–12", status=NONE)
        self.assertIn("plus group 0x11ec X25519MLKEM768  (touches ja3, ja3n)", text)
        rows = json.loads(self.run_explain("--diff", "--json", JA4_R, JA4_R.replace("1302", "1303"), status=NONE))
        self.assertEqual([(row["change"], row["value"]) for row in rows["differences"]], [("missing", "1302"), ("added", "1303")])
        self.assertEqual(rows["differences"][0]["touches"], ["ja4_a", "ja4_b", "stable", "ja3", "ja3n"])
        self.run_explain("--diff", JA4_R, JA4_R)
        self.run_explain("--diff", JA4_R, "t13d0206h2_62ed6f6ca7ad_000000000001")
        self.run_explain("--diff", JA4_R, "t13d0206h2_62ed6f6ca7ad_000000000009", status=TROUBLE)

    def test_diff_only(self):
        """Two connections of a client that shuffles differ, but not in its JA4."""
        first = "t13d0206h2_1302,1301_0000,0005,000d,000a,0010,0015_0403,0804"
        second = "t13d0206h2_1302,1301_0005,0000,000a,000d,0015,0010_0403,0804"
        self.run_explain("--diff", first, second, status=NONE)
        for values in ("ja4", "ja4,stable", "ja4_a,ja4_b,ja4_c", "ja3n"):
            self.assertIn("the same in these values", self.run_explain("--diff", "--only", values, first, second))
        text = self.run_explain("--diff", "--only", "ja4,ja3", first, second, status=NONE)
        self.assertIn("moved", text)
        # the number of cipher suites, and so part a, stays the same
        other = JA4_R.replace("1302", "1303")
        self.run_explain("--diff", "-o", "ja4_a", JA4_R, other)
        self.run_explain("--diff", "-o", "ja4_c", JA4_R, other)
        rows = json.loads(self.run_explain("--diff", "--json", "-o", "ja4_b", JA4_R, other, status=NONE))["differences"]
        self.assertEqual([row["change"] for row in rows], ["missing", "added"])
        # of other lists of groups only JA3 tells
        groups = [f"771,4865,0-10,{number},0" for number in (23, 24)]
        self.run_explain("--diff", *groups, status=NONE)
        self.run_explain("--diff", "--only", "stable", *groups)
        for words in (("--only", "ja4", JA4_R), ("--diff", "--only", "ja4_r", JA4_R, JA4_R), ("--diff", "--only", "", JA4_R, JA4_R)):
            self.run_explain(*words, status=TROUBLE)

    def test_claims(self):
        for agent, what, status, why in (
                ("Web/5", "Web 1–9", FOUND, "Web 1–9 sends this"),
                ("Web/11", "tool 3", NONE, "this hello has the cipher suite TLS_CHACHA20_POLY1305_SHA256, which no Web"),
                ("Web/99", "tool 3", UNKNOWN, "no Web of this version"),
                ("tool/3", "Web 1–9", NONE, "this hello has the extension status_request, which no tool"),
                ("tool/3", "tool 3", FOUND, ""), ("Safari/9", "Web 1–9", UNKNOWN, "no Safari was run"),
                ("", "Web 1–9", UNKNOWN, ""), ("Web/5", "t13d0206h2_62ed6f6ca7ad_000000000001", FOUND, "Web 1–9 sends this"),
                ("Web/5", "t13d0206h2_62ed6f6ca7ad_000000000009", UNKNOWN, "only a hash")):
            with self.subTest(agent=agent, what=what):
                self.assertIn(why, self.run_explain("--claim", agent, what, status=status))

    def test_since(self):
        rows = json.dumps({"tls_fingerprints": {"ja4": "t13d0206h2_62ed6f6ca7ad_000000000001", "ja4_r": JA4_R,
                                                "ja3_r": "771,4865-4866,0-5-10-13-16-21,23,0"}})
        text = self.run_explain("--claim", "Web/11", "-", status=NONE, input=rows.encode())
        self.assertIn("Web has sent the group X25519MLKEM768 since 10; this hello does not", text)

    def test_table_of_claims(self):
        """tests/explain/claims prints a line for each client (which of them fit: tests/unit/test_claim.c)."""
        module = claims()
        rows = [row for row in module.rows() if row.get("user_agent") and row["family"] == "Chromium"]
        self.assertGreater(len(rows), 10)
        for row in rows[::8]:
            self.assertEqual(module.judge(row)["claim"], "fits", (row["name"], row["user_agent"]))
        self.assertEqual(module.judge(rows[0], "Safari/605.1.15")["claim"], "unknown")
        self.assertEqual(module.judge(rows[0], rows[-1]["user_agent"])["claim"], "does not fit")

    def test_any_bytes_as_user_agent(self):
        for agent in (b"caf\xe9/1", "café/1".encode(), b"\x1b[31m"):
            words = [self.program, "--labels", "list.csv", "--claim", agent, JA4_R]
            done = subprocess.run(words, capture_output=True, cwd=self.folder, env={"LC_ALL": "C"})
            self.assertEqual((done.returncode, done.stderr), (UNKNOWN, b""))
            self.assertNotIn(b"\x1b", done.stdout)

    def test_messages(self):
        """What is wrong is called as the user called it."""
        go, several, none = (self.captures / name for name in ("go.pcap", "resumption.pcap", "no-tls.pcap"))
        for words, data, message in (
                (["-"], b"16:03:01", "-: "), ([self.folder], b"", f"{self.folder}: Is a directory"), (["list.csv"], b"", "list.csv: "),
                (["-"], b"", "-: there is nothing in it"), (["/dev/null"], b"", "/dev/null: there is nothing in it"),
                ([f"{go}:1"], b"", f"{go}: no hello ends in frame 1; hellos end in frame 4\n"),
                ([f"{several}:999"], b"", f"{several}: no hello ends in frame 999; hellos end in frames 4, 27, 47, 68\n"),
                ([f"{none}:1"], b"", f"{none}: no hello in it\n")):
            done = subprocess.run([self.program, *words], input=data, capture_output=True, cwd=self.folder)
            self.assertEqual(done.returncode, TROUBLE)
            self.assertRegex(done.stderr.decode(), f"^tlsfp-explain: {re.escape(message)}")

    def test_full_disk(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([self.program, JA4_R], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, TROUBLE)
        self.assertEqual(done.stderr, "tlsfp-explain: standard output: No space left on device\n")

    def test_usage(self):
        self.assertIn("--claim", self.run_explain("--help"))
        for words in ((), ("--diff", JA4_R), ("missing.pcap",)):
            self.run_explain(*words, status=TROUBLE)


if __name__ == "__main__":
    unittest.main()

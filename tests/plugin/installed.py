#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What is installed beside the plugin: the profile "TLS Fingerprints" and the list of clients.

They are where cmake --install would put them, in a copy of Wireshark's data folder.
"""

import csv
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import needs
from plugin_test import PluginTest
from sandbox import wireshark_minor
from synthetic import Stream, client_hello, record, server_name

NAME = "TLS Fingerprints"
PROFILE = ["-C", NAME]


def data_folder():
    """Wireshark's own, where it was installed."""
    text = subprocess.run(["tshark", "-G", "folders"], capture_output=True, text=True, check=True).stdout
    return pathlib.Path(re.search(r"Global configuration:\s+(\S+)", text).group(1))


def install(sandbox):
    """Puts the profile and the list into the sandbox; returns the environment in which Wireshark finds them."""
    source, folder = needs.source(), sandbox.home / "data"
    profile = folder / "profiles" / NAME
    profile.mkdir(parents=True)
    for path in data_folder().iterdir():
        if path.name not in ("profiles", "tlsfp-labels.csv"):
            (folder / path.name).symlink_to(path)
    for path in (source / "packaging/profile" / NAME).iterdir():
        (profile / path.name).write_bytes(path.read_bytes())
    (folder / "tlsfp-labels.csv").write_bytes((source / "samples/clients.csv").read_bytes())
    return {"WIRESHARK_DATA_DIR": str(folder)}


class Profile(PluginTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = install(cls.sandbox)
        cls.profile = cls.sandbox.home / "data/profiles" / NAME
        cls.captures = needs.source() / "samples/captures"

    def tshark(self, capture, *words, quiet=True):
        done = self.sandbox.run(["tshark", "-n", "-r", capture, *words], env=self.env)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_installed(self):
        """cmake --install puts them where this Wireshark looks."""
        with tempfile.TemporaryDirectory() as folder:
            build = needs.setting("TLSFP_BUILD")
            subprocess.run(
                ["cmake", "--install", f"{build}/plugin"],
                env={**os.environ, "DESTDIR": folder},
                check=True,
                capture_output=True,
            )
            installed = {path.name for path in pathlib.Path(folder).rglob("*") if path.is_file()}
        profile = {"preferences", "colorfilters", "dfilter_buttons", "recent"}
        metainfo = "org.wireshark.Wireshark.Plugin.tlsfp.metainfo.xml"
        self.assertEqual(installed, profile | {"tlsfp.so", "tlsfp-labels.csv", metainfo})

    def test_personal(self):
        """packaging/personal: all of it below one's home, and nothing of it once removed."""
        with tempfile.TemporaryDirectory() as folder:
            home = pathlib.Path(folder) / "home"
            home.mkdir()
            env = {**os.environ, "HOME": str(home), "TLSFP_PERSONAL_BUILD": f"{folder}/build", "CCACHE_DIR": f"{folder}/ccache"}
            personal = needs.source() / "packaging/personal"
            out = subprocess.run([personal, "install"], env=env, check=True, capture_output=True, text=True).stdout
            found = {str(path) for path in home.rglob("*") if path.is_file()}
            for name in (
                f".local/lib/wireshark/plugins/{wireshark_minor()}/epan/tlsfp.so",
                ".config/wireshark/tlsfp-clients.csv",
                f".config/wireshark/profiles/{NAME}/preferences",
            ):
                self.assertIn(str(home / name), found)
            self.assertEqual({line.strip() for line in out.splitlines() if line.startswith("  /")}, found)
            mine = home / ".config/wireshark/tlsfp-labels.csv"
            mine.write_text("ja4,name\n")
            subprocess.run([personal, "remove"], env=env, check=True, capture_output=True)
            self.assertEqual([path for path in home.rglob("*") if path.is_file()], [mine])

    def test_columns(self):
        capture = self.sandbox.put(self.captures / "curl-openssl-tls13.pcap")
        out = self.tshark(capture, *PROFILE, "-T", "tabs", "-Y", "tlsfp.ja4")
        frame, source, client, ja4, server, destination, time, protocol, info = out.rstrip("\n").split("\t")
        self.assertEqual((frame.strip(), server, ja4), ("4", "localhost", "t13d3112h2_e8f1e7e78f70_b26ce05bbdd6"))
        self.assertRegex(time.strip(), r"^\d+\.\d+$")
        self.assertEqual((source.strip(), destination.strip(), protocol), ("127.0.0.1", "127.0.0.1", "TLSv1"))
        self.assertRegex(client, r"\Acurl [0-9]")
        self.assertRegex(info, r"\AClient Hello( \(SNI=.*\))?\Z")  # the name from Wireshark 4.2 on

    def test_columns_of_dtls(self):
        capture = self.sandbox.put(self.captures / "dtls12.pcap")
        rows = [line.split("\t") for line in self.tshark(capture, *PROFILE, "-T", "tabs", "-Y", "tlsfp.ja4").splitlines()]
        self.assertEqual([row[4] for row in rows], ["localhost", "localhost"])

    def test_tcp_preferences(self):
        """TLS on port 80, and segments out of order, are seen with this profile only."""
        port80 = self.sandbox.put(self.captures / "tls-on-port-80.pcap")
        stream, data = Stream(), record(client_hello(server_name(b"a" * 200)))
        frames = stream.open() + [stream.client(data[:100]), stream.client(data[100:])]
        frames[3:] = frames[:2:-1]
        for capture in port80, self.write(frames):
            for options, count in ([], 0), (PROFILE, 1):
                out = self.tshark(capture, *options, "-Y", "tlsfp.ja4", "-T", "fields", "-e", "frame.number")
                self.assertEqual(len(out.split()), count, capture)

    def filters(self):
        for line in (self.profile / "colorfilters").read_text().splitlines():
            if line.startswith("@"):
                yield line.split("@")[2]
        for row in csv.reader((self.profile / "dfilter_buttons").read_text().splitlines()):
            if not row[0].startswith("#"):
                yield row[2].replace(r"\x22", '"')

    def test_filters(self):
        """Each rule's and each button's filter is one; those that all hellos fit find some."""
        capture = self.sandbox.put(self.captures / "post-quantum.pcapng")
        found = {}
        for text in self.filters():
            found[text] = self.tshark(capture, *PROFILE, "-Y", text, "-T", "fields", "-e", "frame.number").split()
        self.assertGreater(len(found), 10)
        self.assertEqual(found["tlsfp.ja4"], ["5", "10", "16", "38"])
        self.assertEqual(found["tlsfp.pq == 1"], ["5", "10", "16", "38"])
        self.assertEqual(found["tlsfp.retry == 1"], ["10", "38"])

    def test_colours(self):
        """tshark colours with the profile's rules; the first that fits counts."""
        capture = self.sandbox.put(self.captures / "curl-openssl-tls13.pcap")
        out = self.tshark(capture, *PROFILE, "-T", "fields", "-e", "frame.number", "-e", "frame.coloring_rule.name", "--color")
        rules = dict(line.split("\t") for line in re.sub(r"\x1b\[[^m]*m", "", out).splitlines() if line.count("\t") == 1)
        self.assertEqual(rules["4"], "ClientHello of a known client")
        self.assertEqual(rules["6"], "ServerHello")
        path = self.sandbox.home / "list.csv"
        path.write_text("ja4_a,name,level\nt13d3112h2,Bad,warn\n")
        path.chmod(0o644)
        out = self.tshark(
            capture, *PROFILE, "-o", f"tlsfp.labels:{path}", "-T", "fields", "-e", "frame.coloring_rule.name", "--color", "-Y", "tlsfp.ja4"
        )
        self.assertIn("Client with a warning", out)

    def test_installed_list(self):
        """Used without any preference; every row of it is fine."""
        capture = self.sandbox.put(self.captures / "curl-openssl-tls13.pcap")
        out = self.tshark(capture, "-T", "fields", "-E", "aggregator=;", "-e", "tlsfp.client", "-Y", "tlsfp.ja4")
        self.assertIn("curl 7.88", out.rstrip("\n").split(";"))


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The stable value: one for all hellos of a client, whatever the state of its connections."""

import os
import unittest

import hellos
import needs
from plugin_test import PluginTest

DROPPED = {"0015", "0023", "0029", "002a", "002c"}

# Captures of one client each whose hellos differ by state, and how many stable values they have: one for each
# version that the client was told to speak. What happens there stands in samples/captures/README.md.
ONE_CLIENT = {
    "chromium.pcapng": 1,  # twice, at once
    "dtls-fragmented.pcap": 1,  # with a cookie (which is no extension) and without
    "dtls-gnutls.pcap": 1,
    "dtls10.pcap": 1,
    "dtls12.pcap": 1,
    "hello-retry-request.pcap": 1,  # before HelloRetryRequest and after it
    "post-quantum.pcapng": 1,  # the same, of a browser
    "resumption.pcap": 2,  # full and resumed, in TLS 1.3 and in TLS 1.2
}


class Stable(PluginTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = needs.source() / "samples/captures"
        cls.found = {}
        for name in ONE_CLIENT:
            capture = cls.sandbox.put(folder / name)
            fields = ["stable", "stable_r", "ja4", "ja4_r"]
            cls.found[name] = [values for _, values in hellos.rows(cls.sandbox, capture, fields)]

    def test_one_for_a_client(self):
        for name, found in self.found.items():
            with self.subTest(name):
                self.assertGreater(len(found), 1)
                values = {values["stable"] for values in found}
                self.assertEqual(len(values), ONE_CLIENT[name], "\n".join(values["stable_r"] for values in found))

    def test_it_is_needed(self):
        """Where the stable value stays, JA4 changes: else these captures prove nothing."""
        changed = [
            name for name, found in self.found.items() if len({row["ja4"] for row in found}) > ONE_CLIENT[name]
        ]
        self.assertIn("resumption.pcap", changed)

    def test_raw_form(self):
        """By itself from JA4's raw form; and the value is the hash of the raw form."""
        for name, found in self.found.items():
            for values in found:
                with self.subTest(name, ja4=values["ja4"]):
                    self.assertEqual(values["stable"], hellos.ja4_of(values["stable_r"]))
                    self.assertEqual(values["stable_r"], without_state(values["ja4_r"]))

    def test_search_program(self):
        """tlsfp -e prints the same."""
        program = os.environ.get("TLSFP_SEARCH")
        if not program:
            self.skipTest("built without the search program")
        copy = self.sandbox.put(program)
        copy.chmod(0o755)
        for name, found in self.found.items():
            with self.subTest(name):
                words = [copy, "--quiet", "-e", "tlsfp.stable", "-e", "tlsfp.stable_r"]
                out = self.sandbox.run([*words, self.sandbox.home / name], check=True).stdout
                self.assertEqual(
                    sorted(line.split("\t") for line in out.splitlines()),
                    sorted([values["stable"], values["stable_r"]] for values in found),
                )


def without_state(raw):
    """The stable raw form of the hello that has this ja4_r, where fewer than 100 extensions are counted."""
    part_a, ciphers, rest = raw.split("_", 2)
    extensions, *algorithms = rest.split("_", 1)
    kept = [value for value in extensions.split(",") if value not in DROPPED]
    count = int(part_a[6:8]) - (extensions.count(",") + 1 - len(kept))
    return "_".join([f"{part_a[:6]}{count:02}{part_a[8:]}", ciphers, ",".join(kept), *algorithms])


if __name__ == "__main__":
    unittest.main()

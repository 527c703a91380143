#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""cmake --install BUILD --prefix: all goes below that prefix, and what names a place names the new one."""

import os
import re
import unittest

from installing import InstallingTest, needs

OURS = re.compile(rb"/usr/(?:local/)?(?:bin|libexec|share|lib\w*)/[^ ]*tlsfp")


class PrefixTest(InstallingTest):
    """Installed below a DESTDIR, in which the prefix is /opt/tlsfp."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.said = cls.install("destination", "--prefix", "/opt/tlsfp")
        cls.installed = cls.folder / "destination/opt/tlsfp"

    @classmethod
    def install(cls, folder, *options):
        environment = {**os.environ, "DESTDIR": str(cls.folder / folder)}
        return cls.run_here("cmake", "--install", needs.setting("TLSFP_BUILD"), *options, env=environment)

    def files(self, folder):
        return [path for path in (self.folder / folder).rglob("*") if path.is_file()]

    def test_below(self):
        """Nothing lies elsewhere, the plugin neither; where Wireshark looks instead is said."""
        names = {path.name for path in self.installed.rglob("*") if path.is_file()}
        for name in "tlsfp.so", "tlsfp-labels.csv", "colorfilters", "tlsfp", "tlsfp.pc", "tlsfp-echo.service", "tlsfp-watch", "ja4.cfg":
            self.assertIn(name, names)
        for path in self.files("destination"):
            self.assertTrue(path.is_relative_to(self.installed), path)
        self.assertIn("The plugin goes below /opt/tlsfp; Wireshark looks below ", self.said)

    def test_without_a_prefix(self):
        """The plugin goes where Wireshark looks, and that is said; the rest below /usr/local."""
        said = self.install("other")
        (plugin,) = [path.relative_to(self.folder / "other") for path in self.files("other") if path.name == "tlsfp.so"]
        self.assertTrue(str(plugin).startswith("usr/lib"), plugin)
        self.assertIn("The plugin goes below /usr, where Wireshark looks for it; --prefix, other than /usr/local, changes that", said)
        self.assertTrue((self.folder / "other/usr/local/bin/tlsfp").is_file())
        self.assertIn("\nprefix=/usr/local\n", next(path for path in self.files("other") if path.name == "tlsfp.pc").read_text())

    def test_places(self):
        """No file names the place that the build was configured for."""
        for path in self.files("destination"):
            data = path.read_bytes()
            if not data.startswith(b"\x7fELF"):
                self.assertEqual(OURS.findall(data), [], path)
        texts = {path.name: path.read_text() for path in self.files("destination") if path.suffix in (".pc", ".service", ".cfg", ".1")}
        self.assertIn("\nprefix=/opt/tlsfp\n", texts["tlsfp.pc"])
        self.assertIn("ExecStart=/opt/tlsfp/bin/tlsfp-echo ", texts["tlsfp-echo.service"])
        self.assertIn("ExecStart=/opt/tlsfp/libexec/tlsfp/tlsfp-watch ", texts["tlsfp@.service"])
        self.assertIn("lua-load /opt/tlsfp/share/tlsfp/haproxy/ja4.lua", texts["ja4.cfg"])
        self.assertIn("/opt/tlsfp/share/tlsfp/clients.csv", texts["tlsfp.1"])

    def test_list(self):
        """The programs find the list of names that was installed with them."""
        capture = needs.source() / "samples/captures/curl-openssl-tls13.pcap"
        ja4 = "t13d3112h2_e8f1e7e78f70_b26ce05bbdd6"
        self.assertEqual(self.run_here(self.installed / "bin/tlsfp", "-e", "tlsfp.client", capture), "curl 7.88\n")
        self.assertIn("curl 7.88", self.run_here(self.installed / "bin/tlsfp-explain", ja4))
        self.run_here(self.installed / "bin/tlsfp-census", "add", "--quiet", "clients.db", capture)
        self.assertIn("curl 7.88", self.run_here(self.installed / "bin/tlsfp-census", "impact", "clients.db", ja4))


if __name__ == "__main__":
    unittest.main()

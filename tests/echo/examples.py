#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The README's examples in Python and JavaScript: each prints the JA4 of its language's client."""

import os
import pathlib
import re
import subprocess
import unittest

from running import PATIENCE, needs, program

INTERPRETERS = {"python": ["/usr/bin/python3", "-"], "js": ["node", "-"]}
BLOCK = re.compile(r"<!-- run by tests/echo/examples.py -->\n```(\w+)\n(.*?)```\n", re.DOTALL)
needs.PACKAGES |= {"node": "nodejs"}


def setUpModule():
    needs.programs("node")


class Examples(unittest.TestCase):
    def test_they_print(self):
        path = f"{pathlib.Path(program()).parent}:{os.environ['PATH']}"
        blocks = BLOCK.findall((needs.source() / "README.md").read_text())
        self.assertEqual({language for language, _ in blocks}, set(INTERPRETERS))
        for language, text in blocks:
            with self.subTest(language):
                self.assertEqual(text.count("\n"), 5)
                done = subprocess.run(INTERPRETERS[language], input=text, capture_output=True, text=True,
                                      env={**os.environ, "PATH": path}, timeout=PATIENCE)  # fmt: skip
                self.assertRegex(done.stdout, r"^t13d\w+_[0-9a-f]{12}_[0-9a-f]{12}\n$", done.stderr)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Each file's licence and copyright is known, by the REUSE specification, and is that of its part of the repository."""

import pathlib
import subprocess
import unittest

from installing import needs

SOURCES = {".c", ".h", ".py", ".cmake", ".txt", ".in", ".md", ".js", ".css", ".html"}
WITHOUT = {"samples/captures", "tests/fuzz/corpus", "tests/goldens", "LICENSES"}  # data; .reuse/dep5 speaks for it


def files():
    source = needs.source()
    git = ["git", "-C", source, "-c", f"safe.directory={source}", "ls-files", "-z"]
    listed = subprocess.run(git, capture_output=True, text=True)
    if listed.returncode == 0:
        return [pathlib.Path(name) for name in listed.stdout.split("\0") if name and (source / name).exists()]
    return [
        path.relative_to(source)
        for path in source.rglob("*")
        if path.is_file() and not path.relative_to(source).parts[0].startswith(("build", ".git"))
    ]


class LicencesTest(unittest.TestCase):
    def test_reuse(self):
        done = subprocess.run(["reuse", "--root", needs.source(), "lint"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr[-2000:])

    def test_each_source(self):
        """A source says its licence itself, in its first lines."""
        wrong, seen = [], 0
        for path in files():
            if path.suffix not in SOURCES or any(str(path).startswith(folder) for folder in WITHOUT):
                continue
            gpl = path.parts[0] == "plugin" and path.name != "CMakeLists.txt"
            expected = "GPL-2.0-or-later" if gpl else "BSD-3-Clause"
            head = (needs.source() / path).read_text().splitlines()[:4]
            seen += 1
            if not any(f"SPDX-License-Identifier: {expected}" in line for line in head):
                wrong.append(str(path))
        self.assertEqual(wrong, [])
        self.assertGreater(seen, 100)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The installed library: what it exports, its name, and how pkg-config and CMake find it."""

import os
import re
import unittest

from installing import LIBRARY_ONLY, InstallingTest, needs

import cases
import hellos
from synthetic import record

PROGRAM = "samples/library/fingerprint.c"
CONSUMER = """\
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C)
find_package(tlsfp 0.1 CONFIG REQUIRED)
add_executable(fingerprint fingerprint.c)
target_link_libraries(fingerprint PRIVATE tlsfp::tlsfp)
"""


class LibraryTest(InstallingTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prefix = cls.folder / "prefix"
        cls.build(*LIBRARY_ONLY, f"-DCMAKE_INSTALL_PREFIX={cls.prefix}", "-DCMAKE_INSTALL_LIBDIR=lib")
        cls.run_here("cmake", "--install", "build")
        cls.shared_library = cls.prefix / "lib/libtlsfp.so"
        cls.environment = {
            **os.environ,
            "PKG_CONFIG_PATH": str(cls.prefix / "lib/pkgconfig"),
            "LD_LIBRARY_PATH": str(cls.prefix / "lib"),
        }
        (cls.folder / "fingerprint.c").write_text((needs.source() / PROGRAM).read_text())

    def headers(self):
        found = sorted((self.prefix / "include/tlsfp").glob("*.h"))
        self.assertGreater(len(found), 5)
        return found

    def pkg_config(self, *words):
        return self.run_here("pkg-config", *words, "tlsfp", env=self.environment).split()

    def check_program(self, program):
        """It prints the JA4 of a hello, and ends with 1 where there is none."""
        case = next(case for case in cases.CASES if case.ja4_r.startswith("t13d"))
        said = self.run_here(program, input=record(case.hello), text=False, env=self.environment)
        self.assertEqual(said.decode(), hellos.ja4_of(case.ja4_r) + "\n")
        said = self.run_here(program, input=case.hello, text=False, env=self.environment)
        self.assertEqual(said.decode(), hellos.ja4_of(case.ja4_r) + "\n", "of the message alone")
        for input in "GET / HTTP/1.1\r\n\r\n", "":
            with self.assertRaisesRegex(AssertionError, ": 1\n$"):
                self.run_here(program, input=input, env=self.environment)

    def test_soname(self):
        said = self.run_here("readelf", "-d", self.shared_library)
        self.assertIn("Library soname: [libtlsfp.so.0]", said)
        needed = re.findall(r"\(NEEDED\).*\[(.*?)\.so", said)
        self.assertEqual(sorted(needed), ["libc", "libgcrypt", "libglib-2.0", "libjansson"])
        version = self.pkg_config("--modversion")[0]
        self.assertTrue((self.prefix / f"lib/libtlsfp.so.{version}").is_file())

    def test_symbols(self):
        """What the headers declare is exported, and nothing beside it; the symbols file of the Debian package lists it."""
        declared = set()
        for header in self.headers():
            declared |= set(re.findall(r"\bTLSFP_API\b[^;(]*?\b(tlsfp_\w+)\(", header.read_text()))
        exported = {line.split()[-1] for line in self.run_here("nm", "-D", "--defined-only", self.shared_library).splitlines()}
        self.assertEqual(exported, declared)
        self.assertGreater(len(exported), 20)
        known = (needs.source() / "packaging/debian/libtlsfp0.symbols").read_text()
        self.assertEqual(exported, set(re.findall(r"^ (tlsfp_\w+)@Base \d", known, re.MULTILINE)), "packaging/debian/libtlsfp0.symbols")

    def test_headers(self):
        """Each can be included alone, in C11 and in C++."""
        flags = self.pkg_config("--cflags")
        for header in self.headers():
            for language, standard in (("c", "c11"), ("c++", "c++17")):
                with self.subTest(header.name, language=language):
                    words = ["clang", "-x", language, f"-std={standard}", "-fsyntax-only", "-Wall", "-Wextra", "-Werror"]
                    self.run_here(*words, *flags, "-", input=f"#include <tlsfp/{header.name}>\n")

    def test_pkg_config(self):
        self.assertEqual(self.pkg_config("--libs"), [f"-L{self.prefix}/lib", "-ltlsfp", "-lglib-2.0"])
        self.run_here("gcc", "-Wall", "-Werror", "fingerprint.c", "-o", "by-pkg-config", *self.pkg_config("--cflags", "--libs"))
        self.check_program(self.folder / "by-pkg-config")

    def test_cmake(self):
        consumer = self.folder / "consumer"
        consumer.mkdir()
        (consumer / "CMakeLists.txt").write_text(CONSUMER)
        (consumer / "fingerprint.c").write_text((self.folder / "fingerprint.c").read_text())
        self.run_here("cmake", "-G", "Ninja", "-S", consumer, "-B", "consumer/build", f"-DCMAKE_PREFIX_PATH={self.prefix}")
        self.run_here("cmake", "--build", "consumer/build")
        self.check_program(consumer / "build/fingerprint")

    def test_readme(self):
        """A C program that the README shows is this very one."""
        program = (needs.source() / PROGRAM).read_text().split("\n", 1)[1]
        readme = (needs.source() / "README.md").read_text()
        shown = re.findall(r"```c\n(.*?)```", readme, re.DOTALL)
        self.assertEqual(shown, [program] * len(shown))


if __name__ == "__main__":
    unittest.main()

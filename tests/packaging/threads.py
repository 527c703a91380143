#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Threads with a context each do not disturb one another, by ThreadSanitizer; threads that share one do, and it sees it."""

import unittest

from installing import LIBRARY_ONLY, InstallingTest, needs

TSAN = "-fsanitize=thread -g -O1"


class ThreadsTest(InstallingTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.build(*LIBRARY_ONLY, "-DTLSFP_LIBRARY=OFF", f"-DCMAKE_C_FLAGS={TSAN}", "-DCMAKE_BUILD_TYPE=None")

    def compile(self, name, *flags):
        source = needs.source()
        libraries = self.run_here("pkg-config", "--cflags", "--libs", "glib-2.0", "libgcrypt", "jansson").split()
        words = ["gcc", "-std=c11", "-Wall", "-Wextra", *TSAN.split(), *flags, "-I", source / "core/include"]
        self.run_here(*words, source / "tests/packaging/threads.c", "build/core/libtlsfp_core.a", *libraries, "-o", name)

    def run_threads(self, name):
        corpus = needs.source() / "tests/fuzz/corpus"
        # Without random addresses, as ThreadSanitizer wants its own.
        words = ["setarch", "-R", self.folder / name, corpus / "hello", corpus / "quic"]
        # GLib's own allocator hands memory from thread to thread in ways that ThreadSanitizer does not see.
        return self.run_here(*words, env={"TSAN_OPTIONS": "halt_on_error=1 exitcode=66", "G_SLICE": "always-malloc"})

    def test_a_context_each(self):
        self.compile("apart")
        self.assertRegex(self.run_threads("apart"), r"4 threads, \d{5,} bytes")

    def test_one_context(self):
        self.compile("shared", "-DSHARE_A_CONTEXT")
        with self.assertRaisesRegex(AssertionError, ": 66\n[^$]*data race"):
            self.run_threads("shared")


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Real clients, each seen by the server that they talk to, by the plugin and by tlsfp: all three say the same.

    live.py Light      those that start in no time
    live.py Heavy      browsers, Java, Go: packaging/install live
    live.py More       those that are only there for the table: packaging/install live
    live.py Recorded   the hellos that testssl.sh sends in place of clients
"""

import unittest

import clients
import scene


class Live(unittest.TestCase):
    """What the clients did is found out once for all tests of a class."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.cast = cls.CAST
        clients.expect(cls.cast)
        with scene.Scene() as cls.scene:
            scene.play(cls.scene, cls.cast)
        cls.connections = cls.scene.connections

    def of(self, one):
        return self.subTest(client=one.client, server=one.server, port=one.port)

    def test_every_client_was_told(self):
        self.assertEqual(self.scene.complaints, {})
        seen = {one.client for one in self.connections}
        self.assertEqual([client.name for client in self.cast if client.name not in seen], [])

    def test_every_hello_is_in_the_capture(self):
        """One in each connection, two where another key share was asked for; and no others."""
        self.assertEqual(self.scene.beyond, [])
        for one in self.connections:
            with self.of(one):
                self.assertEqual(len(one.hellos), 2 if one.retried else 1)

    def test_the_server_and_tlsfp(self):
        for one in self.connections:
            with self.of(one):
                first = one.hellos[0]
                for kind in "ja4", "ja3":
                    self.assertEqual(one.logged[kind], first["tls_fingerprints"][kind])
                if one.told:
                    self.assertEqual(one.told["tls_data"], first["tls_data"])
                    self.assertEqual(one.told["tls_fingerprints"], first["tls_fingerprints"])
        n_told = sum(one.told is not None for one in self.connections)
        self.assertGreaterEqual(n_told, sum(not client.silent for client in self.cast))

    def test_the_plugin_and_tlsfp(self):
        self.assertEqual(list(self.scene.by_plugin), list(self.scene.by_frame))
        for frame, hello in self.scene.by_frame.items():
            with self.subTest(frame=frame, port=hello["srcport"]):
                expected = {kind: hello["tls_fingerprints"][kind] for kind in scene.FINGERPRINTS}
                self.assertEqual(self.scene.by_plugin[frame], expected)

    def test_wireshark_itself_and_tlsfp(self):
        """The lists, as Wireshark's own dissector has them."""
        self.assertEqual(list(self.scene.by_wireshark), list(self.scene.by_frame))
        for frame, hello in self.scene.by_frame.items():
            with self.subTest(frame=frame, port=hello["srcport"]):
                expected = {name: hello["tls_data"][name] for name in scene.WIRESHARK}
                self.assertEqual(self.scene.by_wireshark[frame], expected)

    def test_retried(self):
        """By every client that speaks TLS 1.3: none of them begins with a share for P-384."""
        for one in self.connections:
            if one.server == "retry" and one.logged["event"] == "handshake":
                with self.of(one):
                    self.assertEqual(one.retried, one.logged["version"] == "TLSv1.3")
        self.assertTrue(any(one.retried for one in self.connections))

    def test_resumed(self):
        """Where it has a ticket from the connection before."""
        for client in self.cast:
            if client.resume:
                with self.subTest(client.name):
                    theirs = [one for one in self.connections if (one.client, one.server) == (client.name, "tickets")]
                    self.assertEqual([one.logged["resumed"] for one in theirs], [False, True])

    def test_stable(self):
        """The same in every connection of a client, whatever became of it, and in its second hello."""
        stable = {}
        for one in self.connections:
            with self.of(one):
                for hello in one.hellos:
                    value = hello["tls_fingerprints"]["stable"]
                    self.assertEqual(stable.setdefault(one.client, value), value)


class Light(Live):
    CAST = clients.LIGHT


class More(Live):
    CAST = clients.MORE


class Heavy(Live):
    CAST = clients.HEAVY


class Recorded(Live):
    CAST = ()

    @classmethod
    def setUpClass(cls):
        cls.cast = ()
        cls.recorded = clients.simulations()
        with scene.Scene() as cls.scene:
            for name, flight in cls.recorded:
                cls.scene.replay(name, flight)
        cls.connections = cls.scene.connections

    def test_every_hello_is_in_the_capture(self):
        super().test_every_hello_is_in_the_capture()
        self.assertEqual([one.client for one in self.connections], [name for name, _ in self.recorded])
        self.assertGreater(len(self.recorded), 100)

    test_retried = test_resumed = test_stable = None


del Live  # it is no test itself

if __name__ == "__main__":
    scene.enter_namespace()
    unittest.main()

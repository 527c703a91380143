# SPDX-License-Identifier: BSD-3-Clause
"""The base of the tests with hostile clients. tlsfp-echo refuses them, ends their connections or tolerates them. After each of
them an honest client is served, and at the end the server has neither crashed nor leaked.
"""

import contextlib
import json
import re
import socket
import unittest

from running import Running
from wire import Client, Plain, message_of

JA4 = re.compile(rb"t1[0-3][di]\d{4}\w\w_[0-9a-f]{12}_[0-9a-f]{12}")


class Hostile(unittest.TestCase):
    """Each class has a server of its own."""

    OPTIONS = ()

    @classmethod
    def setUpClass(cls):
        cls.server = Running(*cls.OPTIONS)
        cls.addClassCleanup(cls.server.end)
        cls.port = cls.server.port

    def tearDown(self):
        self.check_honest()

    def check_honest(self):
        self.assertTrue(self.server.is_up(), self.server.said())
        with self.honest() as client:
            status, body = client.get("/ja4")
            self.assertEqual(status, 200)
            self.assertRegex(body, JA4)

    def honest(self):
        return Client(self.port).shake_hands()

    def check_served(self, client):
        """The client is told what it sent, byte for byte; returns what else it is told of its connection."""
        status, body = client.get("/client-hello")
        self.assertEqual((status, body), (200, message_of(client.first)))
        status, body = client.get("/tls")
        self.assertEqual(status, 200)
        return json.loads(body)["connection"]

    def check_sent(self, before, settings=None):
        """A first flight sent in this way leads to an answer."""
        with Client(self.port, settings, before) as client:
            client.shake_hands()
            return self.check_served(client)

    def check_refused(self, data, shut=False):
        """The connection is closed, with at most an alert. shut: the client closes its side first, where the server might wait
        for more."""
        with Plain(self.port) as client:
            with contextlib.suppress(OSError):
                client.send(data)
                if shut:
                    client.socket.shutdown(socket.SHUT_WR)
            said = client.rest()
        self.assertLessEqual(len(said), 7, said)

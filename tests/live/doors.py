# SPDX-License-Identifier: BSD-3-Clause
"""What comes before TLS: a server that speaks as much of a protocol as leads to STARTTLS, and then hands the connection on."""

import re
import socket
import threading

# For each protocol: what the server says first, and (what the client says, the answer); the last one starts TLS.
SCRIPTS = {
    "smtp": (
        b"220 localhost ESMTP\r\n",
        [(rb"(?i)(EHLO|HELO|LHLO).*\r\n", b"250-localhost\r\n250 STARTTLS\r\n"), (rb"(?i)STARTTLS\r\n", b"220 go\r\n")],
    ),
    "imap": (
        b"* OK [CAPABILITY IMAP4rev1 STARTTLS] localhost\r\n",
        [
            (rb"(?i)(?P<tag>\S+) CAPABILITY\r\n", b"* CAPABILITY IMAP4rev1 STARTTLS\r\n%(tag)s OK done\r\n"),
            (rb"(?i)(?P<tag>\S+) STARTTLS\r\n", b"%(tag)s OK go\r\n"),
        ],
    ),
    "pop3": (
        b"+OK localhost\r\n",
        [(rb"(?i)CAPA\r\n", b"+OK\r\nSTLS\r\n.\r\n"), (rb"(?i)STLS\r\n", b"+OK go\r\n")],
    ),
    "ftp": (
        b"220 localhost\r\n",
        [(rb"(?i)FEAT\r\n", b"211-Features:\r\n AUTH TLS\r\n211 End\r\n"), (rb"(?i)AUTH (TLS|SSL).*\r\n", b"234 go\r\n")],
    ),
    "postgres": (b"", [(rb"\0\0\0\x08\x04\xd2\x16\x2f", b"S")]),
    "mysql": (
        b"\x4a\0\0\0\x0a8.0.32\0\x08\0\0\0\x41\x42\x43\x44\x45\x46\x47\x48\0\xff\xff\xff\x02\0\xff\xdf\x15\0\0\0\0\0\0\0"
        b"\0\0\0\x49\x4a\x4b\x4c\x4d\x4e\x4f\x50\x51\x52\x53\x54\0mysql_native_password\0",
        [(rb"\x20\0\0\x01.{32}", b"")],
    ),
    "xmpp": (
        b"",
        [
            (
                rb"(?s).*<stream:stream[^>]*>",
                b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
                b"xmlns:stream='http://etherx.jabber.org/streams' id='1' from='localhost' version='1.0'><stream:features>"
                b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>",
            ),
            (rb"(?s).*<starttls[^>]*(/>|</starttls>)", b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
        ],
    ),
    "ldap": (b"", [(rb"(?s)\x30.*1\.3\.6\.1\.4\.1\.1466\.20037", b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\0\x04\0\x04\0")]),
    "nntp": (
        b"200 localhost\r\n",
        [
            (rb"(?i)CAPABILITIES\r\n", b"101 list:\r\nVERSION 2\r\nSTARTTLS\r\n.\r\n"),
            (rb"(?i)STARTTLS\r\n", b"382 go\r\n"),
        ],
    ),
    "irc": (b"", [(rb"(?is).*STARTTLS\r?\n", b":localhost 670 * :go\r\n")]),
}
PATIENCE = 20


def relay(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    for end, how in (source, socket.SHUT_RD), (target, socket.SHUT_WR):
        try:
            end.shutdown(how)
        except OSError:
            pass


def talk(client, greeting, script):
    """Whether TLS is to start. Lines that the script does not know get an answer that leads on."""
    client.sendall(greeting)
    text = b""
    while data := client.recv(65536):
        text += data
        for n, (pattern, answer) in enumerate(script):
            if match := re.match(pattern, text):
                groups = {name.encode(): value for name, value in match.groupdict().items()}
                client.sendall(answer % groups if groups else answer)
                text = b""
                if n == len(script) - 1:
                    return True
                break
    return False


class Door:
    """Such a server in front of the port."""

    def __init__(self, protocol, port):
        self.greeting, self.script = SCRIPTS[protocol]
        self.behind = port
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listening.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=[client], daemon=True).start()

    def serve(self, client):
        client.settimeout(PATIENCE)
        try:
            if talk(client, self.greeting, self.script):
                with socket.create_connection(("127.0.0.1", self.behind), timeout=PATIENCE) as server:
                    thread = threading.Thread(target=relay, args=[server, client], daemon=True)
                    thread.start()
                    relay(client, server)
                    thread.join()
        except OSError:
            pass
        finally:
            client.close()

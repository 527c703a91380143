# SPDX-License-Identifier: BSD-3-Clause
"""Clients, tlsfp-echo and a capture of what goes between them, in a network of their own."""

import collections
import contextlib
import dataclasses
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
for room in "echo", "plugin":
    sys.path.insert(0, str(HERE.parent / room))

import clients  # noqa: E402
import hellos  # noqa: E402
import needs  # noqa: E402
from running import Running  # noqa: E402
from sandbox import Sandbox  # noqa: E402
from wire import Plain  # noqa: E402

needs.PACKAGES |= {
    "tcpdump": "tcpdump",
    "openssl": "openssl",
    "unshare": "util-linux",
    "ip": "iproute2",
    "ethtool": "ethtool",
}

INSIDE = "TLSFP_LIVE_INSIDE"  # in the environment of the run inside the namespace
FINGERPRINTS = ["ja3", "ja3_r", "ja4", "ja4_r", "ja4_o", "ja4_ro", "stable", "stable_r"]
WIRESHARK = {
    "cipher_suites": "tls.handshake.ciphersuite",
    "extensions": "tls.handshake.extension.type",
    "supported_groups": "tls.handshake.extensions_supported_group",
}
TOLD = re.compile(r'\{"tls_data":.*\}')
SETTLING = 0.05  # seconds until a server has seen that a client is gone


def enter_namespace():
    """Runs this program again where there is only a loopback interface, with the segments of an Ethernet."""
    if INSIDE not in os.environ:
        needs.programs("unshare", "ip", "ethtool", "tcpdump", "openssl", "tshark", "setpriv")
        if os.getuid() != 0:
            raise SystemExit("live clients are captured: run this as root")
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--net", sys.executable, "-B", *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up", "mtu", "1500"], check=True)
    subprocess.run(["ethtool", "-K", "lo", "tso", "off", "gso", "off", "gro", "off"], check=True, capture_output=True)
    subprocess.run(["ethtool", "-K", "lo", "tx-udp-segmentation", "off"], check=False, capture_output=True)  # since 4.18


def make_certificate(folder):
    argv = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    argv += ["-days", "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    argv += ["-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    subprocess.run(argv, check=True, capture_output=True)


@dataclasses.dataclass
class Connection:
    """What one was, by all who saw it."""

    client: str
    server: str
    port: int  # the client's
    logged: dict  # the server's line about its handshake
    told: dict | None = None  # what the client was told
    hellos: list = dataclasses.field(default_factory=list)  # what tlsfp says of each, in order

    @property
    def retried(self):
        return self.logged.get("retried", False)


class Server:
    """tlsfp-echo, and what it logs."""

    def __init__(self, name, folder, *options):
        self.name = name
        self.log = open(folder / f"{name}.log", "w+")
        words = ["--cert", folder / "cert.pem", "--key", folder / "key.pem", "--log", "json", *options]
        self.running = Running(*words, log=self.log)
        self.n_read = 0

    def news(self):
        """What came since it was asked last."""
        lines = pathlib.Path(self.log.name).read_text().splitlines()
        self.n_read, fresh = len(lines), lines[self.n_read :]
        return [json.loads(line) for line in fresh]


class Scene:
    """Run clients in the block; what they did can be told after it."""

    def __init__(self):
        self.stack = contextlib.ExitStack()
        self.folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="tlsfp-live-")))
        self.folder.chmod(0o755)
        make_certificate(self.folder)
        self.capture = self.folder / "live.pcap"
        self.connections = []
        self.complaints = {}  # {client: what it said where it was told nothing}

    def __enter__(self):
        self.servers = {
            "plain": Server("plain", self.folder, "--tls-min", "1.0"),
            "retry": Server("retry", self.folder, "--groups", "P-384"),
            "tickets": Server("tickets", self.folder, "--tickets"),
        }
        self.ports = [server.running.port for server in self.servers.values()]
        argv = ["tcpdump", "-i", "lo", "-n", "-s", "0", "-U", "--immediate-mode", "-Z", "root", "-w", self.capture]
        argv += [" or ".join(f"tcp port {port}" for port in self.ports)]
        self.tcpdump = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True)
        if "listening on" not in (line := self.tcpdump.stderr.readline()):
            raise AssertionError(f"tcpdump: {line}")
        return self

    def __exit__(self, failure, *_):
        time.sleep(0.5)  # the last packets
        self.tcpdump.send_signal(signal.SIGINT)
        self.tcpdump.communicate()
        try:
            for server in self.servers.values():
                server.running.end()
            if failure is None:
                self.read_capture()
        finally:
            self.stack.close()

    def run(self, client, server="plain", command=None):
        """All connections that the client makes are its own."""
        to = self.servers[server]
        port, path = to.running.port, "/tls"
        places = {"url": f"https://localhost:{port}{path}", "host": "localhost", "port": port, "path": path}
        places |= {"cert": self.folder / "cert.pem", "here": HERE / "clients", "built": clients.built()}
        with tempfile.TemporaryDirectory(dir=self.folder, ignore_cleanup_errors=True) as home:
            out, said = client.run(places, home, command)
        time.sleep(SETTLING)
        made = [
            Connection(client.name, server, line["client_port"], line)
            for line in to.news()
            if line["event"] in ("handshake", "failure")
        ]
        told = [json.loads(text) for text in TOLD.findall(out)]
        by_port = {text["connection"]["client_port"]: text for text in told}
        for one in made:
            one.told = by_port.get(one.port)
        if not made or (not told and not client.silent):
            self.complaints[client.name, server] = (out + said)[-1000:]
        self.connections += made

    def replay(self, name, flight):
        """A recorded hello; what comes after it does not matter."""
        to = self.servers["plain"]
        with Plain(to.running.port) as client:
            client.send(flight)
            client.socket.settimeout(SETTLING)
            port = client.socket.getsockname()[1]
            with contextlib.suppress(TimeoutError, ConnectionError):
                client.socket.recv(65536)
        lines = []
        give_up = time.monotonic() + 10
        while not lines and time.monotonic() < give_up:
            time.sleep(0.002)
            lines = [line for line in to.news() if line["client_port"] == port]
        self.connections += [Connection(name, "plain", port, line) for line in lines[:1]]

    # What the others saw

    def read_capture(self):
        self.by_frame = {}
        by_port = collections.defaultdict(list)
        argv = [needs.setting("TLSFP_SEARCH"), "--json", self.capture]
        for line in subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines():
            hello = json.loads(line)
            self.by_frame[hello["frame"]] = hello
            by_port[hello["dstport"], hello["srcport"]].append(hello)
        for one in self.connections:
            one.hellos = by_port.pop((self.servers[one.server].running.port, one.port), [])
        self.beyond = sum(by_port.values(), [])  # hellos of connections that no server logged
        with Sandbox(needs.setting("TLSFP_PLUGIN")) as sandbox:
            self.read_by_wireshark(sandbox, sandbox.put(self.capture))

    def read_by_wireshark(self, sandbox, capture):
        decode = [word for port in self.ports for word in ("-d", f"tcp.port=={port},tls")]
        self.by_plugin = dict(hellos.rows(sandbox, capture, FINGERPRINTS, decode))
        argv = ["tshark", "-n", "-r", capture, *decode, "-Y", "tls.handshake.type == 1", "-T", "fields"]
        argv += [word for field in ("frame.number", *WIRESHARK.values()) for word in ("-e", field)]
        self.by_wireshark = {}
        for line in sandbox.run(argv, check=True).stdout.splitlines():
            frame, *columns = line.split("\t")
            lists = ([f"{int(value, 0):04x}" for value in column.split(",") if value] for column in columns)
            self.by_wireshark[int(frame)] = dict(zip(WIRESHARK, lists))


def play(scene, cast):
    """Each client at the server as it is, at one that asks for another key share, and again with a ticket."""
    for client in cast:
        for _ in range(client.runs):
            scene.run(client)
        if "-tls1" not in client.command or "-tls1_3" in client.command:
            scene.run(client, "retry")
        if client.resume:
            scene.run(client, "tickets", client.resume)

#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs clients one after the other, in a network, a mount and a process namespace of their own, and tells what the server,
the plugin and tlsfp saw of each: observe.py <JOBS >SEEN, both JSON. tests/live/table starts this.

A job: id, command (or replay: a hello, in hex), asks, environment, runs, transport (t, q; d goes to a port where nobody answers), patience in seconds,
starttls (the protocol that comes before TLS) and root, the folder to run in. In the command {url}, {host}, {port}, {path},
{cert}, {here} and {home} are filled in, as in clients.py.
"""

import collections
import contextlib
import datetime
import json
import os
import pathlib
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import scene  # isort: skip; it finds the modules of the other rooms
import doors
import hellos
import needs
from sandbox import Sandbox
from wire import Plain

FIRST_PORT = 20000  # of DTLS, of which the server knows nothing
N_PORTS = 5000
LINGER = 2  # seconds that a client has once its first hello was seen, to end by itself
POLL = 0.05
MAX_SAID = 600
LEN_SECONDS = len("2026-01-01T00:00:00")
LEN_TIME = len("2026-01-01T00:00:00.000000")


class PatientSandbox(Sandbox):
    """Where tshark has as long as the batch has."""

    def run(self, argv, env=None, **options):
        return super().run(argv, env, **{"timeout": None, **options})


class Stage:
    """The server, the capture, and what was seen by whom."""

    def __init__(self):
        self.stack = contextlib.ExitStack()
        self.folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="tlsfp-live-")))
        self.folder.chmod(0o755)
        scene.make_certificate(self.folder)
        self.capture = self.folder / "live.pcap"
        self.log = []
        self.runs = []  # (id, transport, port that was asked, when it began and ended)
        self.n_udp = 0

    def __enter__(self):
        self.server = scene.Server("plain", self.folder, "--tls-min", "1.0")
        self.port = self.server.running.port
        argv = ["tcpdump", "-i", "lo", "-n", "-s", "0", "-U", "--immediate-mode", "-Z", "root", "-w", self.capture]
        argv += [f"port {self.port} or udp portrange {FIRST_PORT}-{FIRST_PORT + N_PORTS}"]
        self.tcpdump = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True)
        if "listening on" not in (line := self.tcpdump.stderr.readline()):
            raise AssertionError(f"tcpdump: {line}")
        return self

    def __exit__(self, *_):
        self.stack.close()

    def finish(self):
        time.sleep(0.5)  # the last packets
        self.tcpdump.send_signal(signal.SIGINT)
        self.tcpdump.communicate()
        self.server.running.end()
        argv = [needs.setting("TLSFP_SEARCH"), "--json", "--quiet", self.capture]
        found = subprocess.run(argv, capture_output=True, text=True)
        self.by_frame = {hello["frame"]: hello for hello in map(json.loads, found.stdout.splitlines())}
        self.log += self.server.news()
        self.lines, self.agents = collections.defaultdict(list), []
        for line in self.log:
            if line["event"] == "request" and line.get("user_agent"):
                self.agents.append(line)
            elif line.get("ja4"):
                self.lines[line["client_port"]].append(line)
        decode = ["-d", f"tcp.port=={self.port},tls", "-d", f"udp.port=={self.port},quic"]
        decode += ["-d", f"udp.port=={FIRST_PORT}-{FIRST_PORT + N_PORTS},dtls"]
        with PatientSandbox(needs.setting("TLSFP_PLUGIN")) as sandbox:
            rows = hellos.rows(sandbox, sandbox.put(self.capture), scene.FINGERPRINTS, decode)
        self.by_plugin = collections.defaultdict(list)
        for frame, row in rows:
            self.by_plugin[frame].append(row)

    def replay(self, job):
        """A recorded hello; what comes after it does not matter."""
        with Plain(self.port) as client:
            client.send(bytes.fromhex(job["replay"]))
            client.socket.settimeout(scene.SETTLING)
            with contextlib.suppress(TimeoutError, ConnectionError):
                client.socket.recv(65536)
        return ""

    def run(self, job):
        """Once; what it said."""
        transport, began = job.get("transport", "t"), now()
        with contextlib.ExitStack() as stack:
            port, sink = self.port, None
            if transport == "d":
                port = FIRST_PORT + self.n_udp
                self.n_udp += 1
                sink = stack.enter_context(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM))
                sink.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
                sink.bind(("::", port))
                sink.setblocking(False)
            elif job.get("starttls"):
                port = stack.enter_context(doors.Door(job["starttls"], self.port)).port
            said = self.replay(job) if "replay" in job else self.play(job, port, sink)
        time.sleep(scene.SETTLING)
        self.log += self.server.news()
        self.runs.append((job["id"], transport, port, began, now()))
        return said

    def play(self, job, port, sink):
        root = pathlib.Path(job.get("root") or "/")
        with tempfile.TemporaryDirectory(dir=root / "tmp", prefix="tlsfp-home-", ignore_cleanup_errors=True) as home:
            inside = pathlib.Path("/") / pathlib.Path(home).relative_to(root)
            places = {"url": f"https://localhost:{port}/tls", "host": "localhost", "port": port, "path": "/tls"}
            places |= {"cert": self.folder / "cert.pem", "here": scene.HERE / "clients", "home": inside}
            if job.get("root"):
                shutil.copytree(scene.HERE / "clients", root / "tlsfp", dirs_exist_ok=True)
                shutil.copy(self.folder / "cert.pem", root / "tlsfp")
                places |= {"cert": "/tlsfp/cert.pem", "here": "/tlsfp"}
            try:
                command = job["command"].format(**places)
            except (KeyError, IndexError, ValueError) as error:
                return f"command: {error!r}"
            argv = ["chroot", root, "/bin/sh", "-c", f"cd {inside}; {command}"] if job.get("root") else shlex.split(command)
            environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin:/usr/games", "LC_ALL": "C.UTF-8",
                           "HOME": str(inside)}
            environment |= {name: value.format(**places) for name, value in job.get("environment", {}).items()}
            asks = pathlib.Path(home) / "asks"  # a file: the end of a pipe makes some clients spin
            asks.write_text(job.get("asks", "").format(**places), newline="")
            out = pathlib.Path(home) / "said"
            with open(asks) as given, open(out, "w") as taken:
                try:
                    process = subprocess.Popen(argv, stdin=given, stdout=taken, stderr=subprocess.STDOUT, cwd=home,
                                               env=environment, start_new_session=True)
                except OSError as error:
                    return str(error)
                self.wait(process, job.get("patience", 60), sink)
            return out.read_text(errors="replace")[-MAX_SAID:]

    def wait(self, process, patience, sink):
        """Until it ends, has had time enough after its hello, or its patience is at an end."""
        started = time.monotonic()
        give_up = started + patience
        seen = False
        while process.poll() is None and time.monotonic() < give_up:
            time.sleep(POLL)
            if not seen and self.heard(sink):
                seen = True
                give_up = min(give_up, time.monotonic() + LINGER)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def heard(self, sink):
        if sink is None:
            fresh = self.server.news()
            self.log += fresh
            return any(line["event"] in ("request", "failure", "handshake") for line in fresh)
        with contextlib.suppress(BlockingIOError):
            sink.recv(65536)
            return True
        return False

    def seen_of(self, run):
        """(first hellos of its connections, what they disagree on, user agent) of one run; asked in the order of the runs.

        A hello is of the run during which it was captured: the server may write of it later, of a failure above all.
        """
        _, transport, port, began, ended = run
        in_time = [hello for hello in self.by_frame.values() if began <= hello["time"][:LEN_TIME] <= ended]
        asked = port if transport == "d" else self.port
        taken = [hello for hello in in_time
                 if hello["dstport"] == asked and hello["tls_fingerprints"]["ja4"].startswith(transport)]
        seen, trouble = [], []
        for hello in taken:
            prints = {kind: hello["tls_fingerprints"][kind] for kind in scene.FINGERPRINTS}
            if prints not in self.by_plugin[hello["frame"]]:
                trouble.append(f"frame {hello['frame']}: the plugin says {self.by_plugin[hello['frame']]}, not {prints}")
            seen.append(prints | {"port": hello["srcport"], "frame": hello["frame"]})
        if transport == "d":
            return first_of_ports(seen), trouble, ""
        seen, doubts = self.logged(seen)
        ports = {each["port"] for each in seen}
        agents = (line["user_agent"] for line in self.agents
                  if line["client_port"] in ports and began[:LEN_SECONDS] <= line["time"])
        return seen, trouble + doubts, next(agents, "")

    def logged(self, seen):
        """Those that begin a connection, and what the server says otherwise of them. Ports come again in a long run."""
        first, doubts, retried = [], [], set()
        for each in seen:
            lines = self.lines[each["port"]]
            match = next((line for line in lines if line["ja4"] == each["ja4"] and line["ja3"] == each["ja3"]), None)
            if match:
                lines.remove(match)
                first.append(each)
                if match.get("retried"):
                    retried.add(each["port"])
            elif each["port"] in retried:
                retried.remove(each["port"])  # the second hello of a connection
            else:
                doubts.append(f"the server says {[line['ja4'] for line in lines]}, not {each['ja4']}")
        return first, doubts


def now():
    """As tlsfp writes the time of a frame, to microseconds."""
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="microseconds")[:LEN_TIME]


def first_of_ports(seen):
    """Without what a client retransmits where no server answers."""
    return list({each["port"]: each for each in reversed(seen)}.values())[::-1]


def mount(roots):
    for root in roots:
        subprocess.run(["mount", "-t", "proc", "proc", f"{root}/proc"], check=True)
        subprocess.run(["mount", "--rbind", "/dev", f"{root}/dev"], check=True)
        pathlib.Path(root, "etc/hosts").write_text("127.0.0.1 localhost\n")


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing is left in /tmp
    jobs = json.load(sys.stdin)
    subprocess.run(["ip", "link", "set", "lo", "up", "mtu", "1500"], check=True)
    subprocess.run(["ethtool", "-K", "lo", "tso", "off", "gso", "off", "gro", "off"], check=True, capture_output=True)
    mount({job["root"] for job in jobs if job.get("root")})
    said = collections.defaultdict(list)
    with Stage() as stage:
        for job in jobs:
            for _ in range(job.get("runs", 2)):
                said[job["id"]].append(stage.run(job))
        stage.finish()
        results = {job["id"]: {"hellos": [], "trouble": [], "user_agent": ""} for job in jobs}
        for run in stage.runs:
            seen, trouble, agent = stage.seen_of(run)
            result = results[run[0]]
            result["hellos"] += seen
            result["trouble"] += trouble
            result["user_agent"] = result["user_agent"] or agent
    for name, result in results.items():
        result["said"] = " ".join(said[name])[-MAX_SAID:]
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()

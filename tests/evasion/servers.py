# SPDX-License-Identifier: BSD-3-Clause
"""Real TLS servers on ports of their own, on 127.0.0.1."""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time

from hellos import HERE, needs

PATIENCE = 60  # seconds until a server has to listen
SOURCES = HERE / "servers"
installing = threading.Lock()

needs.PACKAGES |= {
    "openssl": "openssl",
    "gnutls-serv": "gnutls-bin",
    "selfserv": "libnss3-tools",
    "certutil": "libnss3-tools",
    "pk12util": "libnss3-tools",
    "node": "nodejs",
    "nginx": "nginx-light",
    "java": "openjdk-17-jdk-headless",
    "go": "golang-go",
    "gtlsserver": "ngtcp2-server",
    "caddy": "caddy",
    "npm": "npm",
    "unshare": "util-linux",
}


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Credentials:
    """A certificate that all servers show, in each form that one of them wants."""

    def __init__(self, folder):
        self.folder = folder
        self.cert, self.key, self.p12 = folder / "cert.pem", folder / "key.pem", folder / "both.p12"
        self.rsa_cert, self.rsa_key = folder / "rsa-cert.pem", folder / "rsa-key.pem"
        self._make(self.cert, self.key, ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
        self._make(self.rsa_cert, self.rsa_key, ["-newkey", "rsa:2048"])
        export = ["openssl", "pkcs12", "-export", "-name", "server", "-passout", "pass:secret"]
        run(export + ["-in", self.cert, "-inkey", self.key, "-out", self.p12])

    @staticmethod
    def _make(cert, key, kind):
        argv = ["openssl", "req", "-x509", *kind, "-nodes", "-days", "30", "-subj", "/CN=localhost"]
        argv += ["-addext", "subjectAltName=DNS:localhost,DNS:example.org", "-keyout", key, "-out", cert]
        run(argv)


    # Servers of Debian 13 run in a root of it, which packaging/roots.sh makes.

    @property
    def inside(self):
        return pathlib.Path("/srv") / self.folder.name

    def in_trixie(self, package, name, content, argv, *more, last=True):
        """How to run a program there, with a file of this content behind its arguments."""
        root = trixie(package)
        there = root / str(self.inside).lstrip("/")
        if not there.exists():
            there.mkdir(mode=0o755)
            for path in self.cert, self.key:
                shutil.copy(path, there)
            (there / "both.pem").write_bytes(self.cert.read_bytes() + self.key.read_bytes())
        (there / name).write_text(content)
        words = [*argv, *([self.inside / name] if last else []), *more]
        if name.endswith(".py"):
            words += [self.inside / "cert.pem", self.inside / "key.pem"]
        return ["unshare", "--mount", "sh", "-ec", IN_ROOT, root, *words]


IN_ROOT = 'mount -t proc proc "$0/proc"; mount --rbind /dev "$0/dev"; exec chroot "$0" "$@"'


def trixie(package):
    """A root of Debian 13 with this package."""
    root = pathlib.Path(os.environ.get("TLSFP_ROOTS", "/var/tmp/tlsfp-roots")) / "evasion-trixie"
    make = f". {needs.source()}/packaging/roots.sh; make_root {root} trixie"
    with installing:
        if not root.exists():
            run(["bash", "-c", f"{make}; chroot {root} apt-get update"])
        if not list((root / "var/lib/dpkg/info").glob(f"{package}*.list")):
            run(["chroot", root, "apt-get", "install", "-y", "--no-install-recommends", package])
    return root


def npm(package):
    """A folder that has this package of npm's."""
    folder = pathlib.Path(os.environ.get("TLSFP_NPM", "/var/tmp/tlsfp-npm"))
    with installing:
        if not (folder / "node_modules" / package).exists():
            needs.programs("npm")
            folder.mkdir(parents=True, exist_ok=True)
            run(["npm", "install", "--no-audit", "--no-fund", "--prefix", folder, package])
    return folder


def run(argv, **options):
    done = subprocess.run([str(word) for word in argv], capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise AssertionError(f"{argv[0]}: {done.stdout}{done.stderr}")


# -- how each is started: functions of the credentials and the port


def openssl(at, port):
    return ["openssl", "s_server", "-quiet", "-www", "-accept", f"127.0.0.1:{port}", "-cert", at.cert, "-key", at.key]


def openssl_old(at, port):
    """Versions, ciphers and signatures of long ago; other groups, so that clients are asked again."""
    return [*openssl(at, port), "-cipher", "ALL:@SECLEVEL=0", "-groups", "P-384:P-521", "-legacy_renegotiation"]


def gnutls(at, port):
    priority = "NORMAL:+VERS-ALL:+VERS-TLS1.0:+VERS-TLS1.1"
    argv = ["gnutls-serv", "-q", "--noticket", "--http", "--port", port, "--priority", priority]
    return [*argv, "--x509certfile", at.cert, "--x509keyfile", at.key]


def nss(at, port):
    folder = at.folder / "nss"
    if not folder.exists():
        folder.mkdir()
        run(["certutil", "-N", "-d", folder, "--empty-password"])
        run(["pk12util", "-i", at.p12, "-d", folder, "-W", "secret"])
    return ["selfserv", "-d", folder, "-n", "server", "-e", "server", "-p", port, "-V", "tls1.0:", "-H", "1"]


def node(at, port):
    return ["node", SOURCES / "node.js", port, at.cert, at.key]


def java(at, port):
    return ["java", SOURCES / "Server.java", port, at.p12]


def golang(at, port):
    program = at.folder / "server-go"
    if not program.exists():
        run(["go", "build", "-o", program, SOURCES / "server.go"], env={**os.environ, "GO111MODULE": "off"})
    return [program, port, at.cert, at.key]


def _compiled(name):
    def start(at, port):
        program = pathlib.Path(needs.setting("TLSFP_BUILD")) / f"tests/evasion/evasion_{name}"
        if not program.exists():
            raise AssertionError(f"{program} is missing: the library's -dev package (packaging/packages.txt)")
        return [program, port, at.cert, at.key]

    return start


NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.log crit;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder};
    scgi_temp_path {folder};
    server {{
        listen 127.0.0.1:{port} ssl http2{options};
        ssl_certificate {cert}; ssl_certificate_key {key};
        ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
    }}
}}
"""


def _nginx(options):
    def start(at, port):
        config = at.folder / f"nginx-{port}.conf"
        config.write_text(NGINX.format(folder=at.folder, port=port, cert=at.cert, key=at.key, options=options))
        return ["nginx", "-c", config, "-p", at.folder, "-e", at.folder / "nginx-start.log"]

    return start


def echo(at, port):
    argv = [needs.setting("TLSFP_ECHO"), "--port", port, "--cert", at.cert, "--key", at.key]
    return [*argv, "--tls-min", "1.0", "--log", "json"]


def _ngtcp2(*words):
    def start(at, port):
        return ["gtlsserver", "-q", *words, "127.0.0.1", port, at.key, at.cert]

    return start


TLS = {
    "openssl": openssl,
    "openssl-old": openssl_old,
    "gnutls": gnutls,
    "nss": nss,
    "node": node,
    "mbedtls": _compiled("mbedtls"),
    "wolfssl": _compiled("wolfssl"),
    "nginx": _nginx(""),
    "tlsfp-echo": echo,
    "java": java,
    "go": golang,
}

# -- QUIC


def deno(at, port):
    """quinn."""
    program = npm("deno") / "node_modules/.bin/deno"
    return [program, "run", "--quiet", "--unstable-net", "--allow-all", SOURCES / "quinn.ts", port, at.cert, at.key]


def quiche(at, port):
    return ["node", SOURCES / "quiche.mjs", port, at.cert, at.key, npm("@matrixai/quic")]


CADDY = """
{{
    admin off
    auto_https off
    storage file_system {folder}
}}
https://127.0.0.1:{port} {{
    bind 127.0.0.1
    tls {cert} {key}
    respond "hello"
}}
"""


def caddy(at, port):
    """quic-go."""
    config = at.folder / "Caddyfile"
    config.write_text(CADDY.format(folder=at.folder / "caddy", port=port, cert=at.cert, key=at.key))
    return ["caddy", "run", "--config", config, "--adapter", "caddyfile"]


HAPROXY = """
global
    maxconn 2000
defaults
    mode http
    timeout client 2s
    timeout server 2s
    timeout connect 2s
frontend quic
    bind quic4@127.0.0.1:{port} ssl crt {both} alpn h3
    http-request return status 200
"""


def nginx_quic(at, port):
    config = NGINX.format(folder=at.inside, port=port, cert=at.inside / "cert.pem", key=at.inside / "key.pem", options="")
    return at.in_trixie("nginx-light", "nginx.conf", config.replace("ssl http2", "quic"), ["nginx", "-c"])


def haproxy(at, port):
    config = HAPROXY.format(port=port, both=at.inside / "both.pem")
    config = config.replace("global", "global\n    limited-quic")
    return at.in_trixie("haproxy", "haproxy.cfg", config, ["haproxy", "-db", "-f"])


def aioquic(at, port):
    program = (SOURCES / "aioquic_server.py").read_text()
    return at.in_trixie("python3-aioquic", "aioquic_server.py", program, ["python3", "-B"], port)


def ngtcp2_trixie(at, port):
    """It speaks version 2 of RFC 9369."""
    words = ["gtlsserver", "-q", "127.0.0.1", port, at.inside / "key.pem", at.inside / "cert.pem"]
    return at.in_trixie("ngtcp2-server", "unused", "", words, last=False)


DTLS = {"dtls-openssl": _compiled("dtls_openssl"), "dtls-gnutls": _compiled("dtls_gnutls")}

QUIC = {
    "ngtcp2": _ngtcp2(),
    "ngtcp2-retry": _ngtcp2("--validate-addr"),
    "ngtcp2-trixie": ngtcp2_trixie,
    "quiche": quiche,
    "quinn": deno,
    "quic-go": caddy,
    "aioquic": aioquic,
    "nginx-quic": nginx_quic,
    "haproxy-quic": haproxy,
}

# On request: they take long to start or to install.
HEAVY = ("java", "go", "ngtcp2-trixie", "quiche", "quinn", "quic-go", "aioquic", "nginx-quic", "haproxy-quic")


class Server:
    """One of them, from the block's beginning to its end."""

    def __init__(self, name, credentials):
        self.name, self.is_tcp = name, name in TLS
        self.port = free_port(socket.SOCK_STREAM if self.is_tcp else socket.SOCK_DGRAM)
        argv = [str(word) for word in (TLS | DTLS | QUIC)[name](credentials, self.port)]
        if "/" not in argv[0]:
            needs.programs(argv[0])
        self.argv = argv
        self.log = tempfile.TemporaryFile("w+")
        self.errors = tempfile.TemporaryFile("w+")
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.errors)
        self._wait()

    def _wait(self):
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up and self.process.poll() is None:
            if self._listens():
                return
            time.sleep(0.05)
        self.end()
        raise AssertionError(f"{self.name} does not start: {self.said()}")

    def _listens(self):
        if self.is_tcp:
            with contextlib.suppress(ConnectionError), socket.create_connection(("127.0.0.1", self.port), 1):
                return True
            return False
        table = pathlib.Path("/proc/net/udp").read_text()
        return f"0100007F:{self.port:04X}" in table

    def said(self):
        self.errors.seek(0)
        return self.errors.read()[-2000:]

    def logged(self):
        self.log.seek(0)
        return self.log.read()

    def is_up(self):
        return self.process.poll() is None

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

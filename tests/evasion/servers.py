# SPDX-License-Identifier: BSD-3-Clause
"""Real TLS servers on ports of their own, on 127.0.0.1."""

import contextlib
import os
import pathlib
import socket
import subprocess
import tempfile
import time

from hellos import HERE, needs

PATIENCE = 60  # seconds until a server has to listen
SOURCES = HERE / "servers"

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

DTLS = {"dtls-openssl": _compiled("dtls_openssl"), "dtls-gnutls": _compiled("dtls_gnutls")}

QUIC = {"ngtcp2": _ngtcp2(), "ngtcp2-retry": _ngtcp2("--validate-addr")}

HEAVY = ("java", "go")  # on request


class Server:
    """One of them, from the block's beginning to its end."""

    def __init__(self, name, credentials):
        self.name, self.is_tcp = name, name in TLS
        self.port = free_port(socket.SOCK_STREAM if self.is_tcp else socket.SOCK_DGRAM)
        argv = [str(word) for word in (TLS | DTLS | QUIC)[name](credentials, self.port)]
        if "/" not in argv[0]:
            needs.programs(argv[0])
        self.log = tempfile.TemporaryFile("w+")
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.errors)
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

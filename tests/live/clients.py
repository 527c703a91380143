# SPDX-License-Identifier: BSD-3-Clause
"""The clients that are run against tlsfp-echo, and how."""

import dataclasses
import os
import pathlib
import re
import shlex
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
SIMULATIONS = pathlib.Path("/etc/testssl/client-simulation.txt")
HANDSHAKE = 22
PATIENCE = 120  # seconds: Go compiles its program first

OLD = "-cipher DEFAULT@SECLEVEL=0"
S_CLIENT = "openssl s_client -quiet -connect {host}:{port} -servername {host}"
CHROMIUM = """chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking
    --disable-component-update --disable-sync --disable-extensions --disable-dev-shm-usage
    --host-resolver-rules='MAP localhost 127.0.0.1' --ignore-certificate-errors --user-data-dir={home}/profile
    --dump-dom {url}"""

ARIA2 = "aria2c -q --check-certificate=false --async-dns=false"
JAVA = "java -XX:-UsePerfData {here}/Get.java {cert} {url}"

OPENSSL, GNUTLS, NSS = "libssl3*", "libgnutls30*", "libnss3"  # Debian 13 adds t64 to the first two

# What a library calls itself, and of which package its version is.
LIBRARIES = {
    OPENSSL: "OpenSSL",
    GNUTLS: "GnuTLS",
    NSS: "NSS",
}


def installed(pattern):
    """The version of a Debian package; None without it."""
    argv = ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}\n", pattern]
    found = subprocess.run(argv, capture_output=True, text=True).stdout
    match = re.search(r"^installed (\S+)$", found, re.M)
    return match and match[1]


@dataclasses.dataclass(frozen=True)
class Client:
    """A program, and how to make it ask for a URL.

    packages: Debian's, the program's first, then its TLS library's. In the command {url}, {host}, {port}, {path},
    {cert} (the server's certificate), {here} (the folder of programs in source), {built} (of those built) and {home}
    (a new folder) are filled in. `asks` goes to its standard input. Some clients make a new JA3 for every connection,
    and run twice to show it.
    """

    name: str
    packages: tuple
    command: str
    asks: str = ""
    runs: int = 1
    silent: bool = False  # it does not show what it is told
    environment: dict = dataclasses.field(default_factory=dict)
    resume: str = ""  # a command that connects twice, the second time with a ticket

    def versions(self):
        """[(package, version)], without Debian's part."""
        return [(package, re.sub(r"^\d+:|[-+~].*$", "", installed(package))) for package in self.packages]

    def missing(self):
        return [package for package in self.packages if not installed(package)]

    def run(self, places, home, command=None):
        """Its output, and what it complains of."""
        argv = shlex.split((command or self.command).format(**places, home=home))
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(home)}
        environment |= {name: value.format(**places) for name, value in self.environment.items()}
        asks = pathlib.Path(home) / "asks"  # a file: the end of a pipe makes tstclnt spin
        asks.write_text(self.asks.format(**places), newline="")
        with open(asks) as file:
            done = subprocess.run(argv, stdin=file, capture_output=True, timeout=PATIENCE, cwd=home, env=environment)
        return done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


GET = "GET {path} HTTP/1.0\r\n\r\n"


def s_client(version, option):
    return Client(f"openssl s_client, TLS {version}", ("openssl", OPENSSL), f"{S_CLIENT} {option}", GET)


# Each takes less than a second.
LIGHT = [
    Client("curl", ("curl", OPENSSL), "curl -sk {url}"),
    Client(
        "curl --http1.1",
        ("curl", OPENSSL),
        "curl -sk --http1.1 {url}",
        resume="curl -sk --http1.1 -H 'Connection: close' {url} {url}",
    ),
    Client("curl --tls-max 1.2", ("curl", OPENSSL), "curl -sk --tls-max 1.2 {url}"),
    Client("pycurl", ("python3-pycurl", GNUTLS), "/usr/bin/python3 {here}/pycurl_get.py {url}"),
    Client("git", ("git", GNUTLS), "git -c http.sslVerify=false ls-remote {url}", silent=True),
    Client("wget", ("wget", GNUTLS), "wget -q -O - --no-check-certificate {url}"),
    s_client("1.0", f"-tls1 {OLD}"),
    s_client("1.1", f"-tls1_1 {OLD}"),
    s_client("1.2", "-tls1_2"),
    s_client("1.3", "-tls1_3"),
    Client(
        "openssl s_client",
        ("openssl", OPENSSL),
        S_CLIENT,
        GET,
        resume=f"sh -c '{S_CLIENT} -sess_out {{home}}/session; printf \"GET {{path}} HTTP/1.0\\r\\n\\r\\n\" | "
        f"{S_CLIENT} -sess_in {{home}}/session'",
    ),
    Client(
        "gnutls-cli",
        ("gnutls-bin", GNUTLS),
        "gnutls-cli --insecure -p {port} {host}",
        GET,
        resume="gnutls-cli --insecure --resume --waitresumption -p {port} {host}",
    ),
    Client("Python urllib", ("python3", OPENSSL), "/usr/bin/python3 {here}/urllib_get.py {url}"),
    Client("Python ssl", ("python3", OPENSSL), "/usr/bin/python3 {here}/ssl_get.py {url}"),
    Client("Node.js https", ("nodejs",), "node {here}/https.js {url}"),
    Client("Node.js http2", ("nodejs",), "node {here}/http2.js {url}"),
    Client(
        "Node.js fetch", ("nodejs",), "node {here}/fetch.js {url}", environment={"NODE_EXTRA_CA_CERTS": "{cert}"}
    ),
    Client("NSS tstclnt", ("libnss3-tools", NSS), "tstclnt -h {host} -p {port} -o -D", GET),
    Client("mbedTLS", ("libmbedtls-dev",), "{built}/live_mbedtls {host} {port} {path}"),
    Client("wolfSSL", ("libwolfssl-dev",), "{built}/live_wolfssl {host} {port} {path}"),
    Client("nghttp", ("nghttp2-client", OPENSSL), "nghttp {url}"),
    Client("h2load", ("nghttp2-client", OPENSSL), "h2load -n 2 -c 2 {url}", silent=True),
]

# For the table alone.
MORE = [
    Client("aria2", ("aria2", GNUTLS), f"sh -c '{ARIA2} -o out {{url}} && cat out'"),
    Client("ELinks", ("elinks", GNUTLS), "elinks -eval 'set connection.ssl.cert_verify=0' -source {url}"),
    Client("w3m", ("w3m", OPENSSL), "w3m -o ssl_verify_server=0 -dump_source {url}"),
    Client("Lynx", ("lynx", GNUTLS), "sh -c 'echo FORCE_SSL_PROMPT:yes >cfg; lynx -cfg=cfg -source {url}'"),
    Client("PHP streams", ("php-cli", OPENSSL), "php {here}/get.php {url}"),
    Client("Ruby open-uri", ("ruby", OPENSSL), "ruby {here}/get.rb {url}"),
    Client("Perl LWP", ("libwww-perl", OPENSSL), "perl {here}/get.pl {url}"),
    Client("Python requests", ("python3-requests", OPENSSL), "/usr/bin/python3 {here}/requests_get.py {url}"),
    Client("Python httpx", ("python3-httpx", OPENSSL), "/usr/bin/python3 {here}/httpx_get.py {url}"),
    Client("Python httpx, HTTP/2", ("python3-httpx", OPENSSL), "/usr/bin/python3 {here}/httpx_get.py {url} h2"),
    Client("Python aiohttp", ("python3-aiohttp", OPENSSL), "/usr/bin/python3 {here}/aiohttp_get.py {url}"),
]

# These take seconds, or hundreds of megabytes.
HEAVY = [
    Client("Chromium", ("chromium",), CHROMIUM, runs=2),
    Client("Firefox ESR", ("firefox-esr",), "/usr/bin/python3 {here}/marionette.py {url}", runs=2),
    Client("Java HttpClient", ("openjdk-17-jdk-headless",), f"{JAVA} http-client"),
    Client("Java HttpsURLConnection", ("openjdk-17-jdk-headless",), f"{JAVA} url-connection"),
    Client("Go net/http", ("golang-go",), "go run {here}/get.go {url}"),
]


def simulations():
    """[(name, flight)] of the hellos that testssl.sh's client simulation sends; without the two of SSL 2.0."""
    if not SIMULATIONS.exists():
        raise AssertionError(f"missing: {SIMULATIONS} (Debian package testssl.sh)")
    text = SIMULATIONS.read_text()
    names = re.findall(r'^ *names\+=\("(.*)"\)', text, re.M)
    flights = re.findall(r'^ *handshakebytes\+=\("(.*)"\)', text, re.M)
    if len(names) != len(flights):
        raise AssertionError(f"{SIMULATIONS}: {len(names)} names and {len(flights)} hellos")
    both = [(name, bytes.fromhex(flight)) for name, flight in zip(names, flights)]
    return [(name, flight) for name, flight in both if flight[0] == HANDSHAKE]


def missing(clients):
    """What the packages that are not there would bring."""
    return [f"{client.name} (Debian package {' '.join(lost)})" for client in clients if (lost := client.missing())]


def expect(clients):
    lost = missing(clients)
    if lost:
        raise AssertionError("missing: " + ", ".join(lost))


def built():
    """Where the clients lie that are built here."""
    return pathlib.Path(os.environ.get("TLSFP_BUILD", ".")) / "tests/live"

# SPDX-License-Identifier: BSD-3-Clause
"""tlsfp-echo and nginx, to be measured side by side: the same certificate, as many workers, no sessions to resume."""

import pathlib
import re
import resource
import signal
import socket
import subprocess
import tempfile
import time

import measure

measure.PACKAGES |= {
    "nginx": "nginx-light",
    "openssl": "openssl",
    "wrk": "wrk",
    "h2load": "nghttp2-client",
}

PATIENCE = 30
N_DESCRIPTORS = 50_000  # wanted; as many as the system grants

NGINX = """
daemon off;
worker_processes {workers};
worker_rlimit_nofile {descriptors};
pid {folder}/nginx.pid;
error_log {folder}/nginx.log crit;
events {{ worker_connections 20000; }}
http {{
    access_log off;
    default_type text/plain;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
    client_header_timeout 600s;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl http2 reuseport;
        ssl_certificate {cert};
        ssl_certificate_key {key};
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_session_cache off;
        ssl_session_tickets off;
        location / {{ return 200 "OK"; }}
    }}
}}
"""

KEYS = {
    "ECDSA P-256": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "RSA-2048": ["rsa:2048"],
}


def raise_descriptor_limit():
    """Of this program and what it starts; returns the limit."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = N_DESCRIPTORS if most == resource.RLIM_INFINITY else min(N_DESCRIPTORS, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    return wanted


def make_certificate(folder, kind):
    """(certificate, key) files for localhost."""
    stem = kind.replace(" ", "-")
    cert, key = folder / f"{stem}.pem", folder / f"{stem}.key"
    argv = ["openssl", "req", "-x509", "-newkey", *KEYS[kind], "-nodes", "-days", "30", "-subj", "/CN=localhost"]
    argv += ["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert]
    subprocess.run(argv, check=True, capture_output=True)
    return cert, key


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Server:
    """A server on 127.0.0.1, held to one core; what all of its processes take is counted together."""

    def __init__(self, name, argv, core):
        self.name = name
        pinned = argv if core is None else ["taskset", "-c", core, *argv]
        self.process = subprocess.Popen(
            [str(word) for word in pinned], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )

    def wait_for(self, port):
        self.port = port
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.05)
        self.process.kill()
        measure.fail(f"{self.name} does not start: {self.process.stderr.read().decode()}")

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}/"

    def pids(self):
        own = self.process.pid
        children = pathlib.Path(f"/proc/{own}/task/{own}/children").read_text().split()
        return [own, *map(int, children)]

    def cpu(self):
        """Seconds of all threads so far."""
        total = 0
        for pid in self.pids():
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                total += int((task / "schedstat").read_text().split()[0])
        return total / 1e9

    def kib(self):
        """Resident memory; what processes share is counted once."""
        total = 0
        for pid in self.pids():
            text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += int(re.search(r"^Pss:\s+(\d+)", text, re.M)[1])
        return total

    def is_up(self):
        return self.process.poll() is None

    def stop(self):
        """SIGTERM; its exit status and what it said."""
        self.process.send_signal(signal.SIGTERM)
        try:
            _, said = self.process.communicate(timeout=PATIENCE)
        finally:
            self.process.kill()
        return self.process.returncode, said.decode(errors="replace")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def echo(program, cert, key, workers=1, core=None, options=()):
    port = free_port()
    argv = [program, "--host", "127.0.0.1", "--port", port, "--cert", cert, "--key", key, "--workers", workers]
    argv += ["--max-connections", 20000, "--max-per-address", 20000, *options]
    return Server("tlsfp-echo", argv, core).wait_for(port)


def nginx(folder, cert, key, workers=1, core=None):
    port = free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(
        NGINX.format(
            workers=workers, folder=folder, port=port, cert=cert, key=key, descriptors=raise_descriptor_limit()
        )
    )
    argv = ["nginx", "-c", configuration, "-p", folder, "-e", folder / "nginx.log"]
    return Server("nginx", argv, core).wait_for(port)


def has_http3(root):
    """Whether the nginx in this root folder was built with HTTP/3: Debian 13's is."""
    done = subprocess.run(["chroot", root, "nginx", "-V"], capture_output=True, text=True)
    return "http_v3_module" in done.stderr


def nginx_http3(root, kind, core=None):
    """HTTP/3 on a port, by the nginx in a root folder; what it needs goes there, too."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=pathlib.Path(root) / "tmp", prefix="tlsfp-bench-"))
    inside = "/" / folder.relative_to(root)
    cert, key = (inside / made.name for made in make_certificate(folder, kind))
    port = free_port()
    text = NGINX.format(workers=1, folder=inside, port=port, cert=cert, key=key, descriptors=raise_descriptor_limit())
    http3 = f"listen 127.0.0.1:{port} quic reuseport; http3 on; listen 127.0.0.1:{port} ssl;"
    (folder / "nginx.conf").write_text(re.sub(r"listen 127.*?;", http3, text))
    argv = ["chroot", root, "nginx", "-c", inside / "nginx.conf", "-p", inside, "-e", inside / "nginx.log"]
    return Server("nginx", argv, core).wait_for(port)

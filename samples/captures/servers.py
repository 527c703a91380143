# SPDX-License-Identifier: BSD-3-Clause
"""The servers the captured clients talk to, each as short as its client allows.

They run in a folder that holds key.pem and cert.pem."""

import contextlib
import http.server
import re
import shlex
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path


class Short(http.server.BaseHTTPRequestHandler):
    """Answers everything with the same few bytes."""

    def do_GET(self):
        self.send_response_only(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "3")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"ok\n")

    def log_message(self, *_):
        pass


class Threaded(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, *_):
        pass  # a client that goes away early is no news


class Threaded6(Threaded):
    address_family = socket.AF_INET6


def server_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("cert.pem", "key.pem")
    context.set_alpn_protocols(["http/1.1"])
    return context


class OverTls(Short):
    def setup(self):
        self.request.settimeout(10)
        self.request = server_context().wrap_socket(self.request, server_side=True)
        super().setup()

    def finish(self):
        super().finish()
        with contextlib.suppress(OSError):
            self.request.unwrap()


class Smtp(socketserver.StreamRequestHandler):
    """As much of RFC 5321 and RFC 3207 as reaches the TLS handshake."""

    def handle(self):
        self.wfile.write(b"220 localhost ESMTP\r\n")
        for line in self.rfile:
            command = line.split(None, 1)[0].upper()
            if command == b"EHLO":
                self.wfile.write(b"250-localhost\r\n250 STARTTLS\r\n")
            elif command == b"STARTTLS":
                self.wfile.write(b"220 go ahead\r\n")
                tls = server_context().wrap_socket(self.connection, server_side=True)
                tls.recv(1)
                return
            else:
                self.wfile.write(b"502 no\r\n")


class Proxy(socketserver.StreamRequestHandler):
    """Joins its client to port 443 here, whatever host was asked for."""

    def relay(self):
        with socket.create_connection(("127.0.0.1", 443)) as server:
            back = threading.Thread(target=copy, args=(server, self.connection))
            back.start()
            copy(self.connection, server)
            back.join()


class HttpProxy(Proxy):
    def handle(self):
        while self.rfile.readline().strip():
            pass
        self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        self.relay()


class Socks5(Proxy):
    """RFC 1928, without authentication."""

    def handle(self):
        self.rfile.read(2 + 1)  # version, one method, "none"
        self.wfile.write(b"\5\0")
        self.rfile.read(4)  # version, connect, reserved, domain name
        self.rfile.read(self.rfile.read(1)[0] + 2)
        self.wfile.write(b"\5\0\0\1\0\0\0\0\0\0")
        self.relay()


def copy(source, sink):
    with contextlib.suppress(OSError):
        while data := source.recv(4096):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def in_thread(handler, port, address="127.0.0.1"):
    with (Threaded6 if ":" in address else Threaded)((address, port), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


def is_bound(protocol, port):
    tables = [Path(f"/proc/net/{protocol}{family}") for family in ("", "6")]
    states = {"tcp": "0A", "udp": "07"}
    pattern = re.compile(rf":{port:04X} \S+ {states[protocol]} ")
    return any(pattern.search(table.read_text()) for table in tables if table.exists())


def wait_for(protocol, port, command, seconds=20):
    end = time.monotonic() + seconds
    while not is_bound(protocol, port):
        if time.monotonic() > end:
            sys.exit(f"make: {command[0]} does not listen on port {port}, see:\n"
                     + Path("server.log").read_text())
        time.sleep(0.05)


@contextlib.contextmanager
def as_process(command, protocol, port):
    with open("server.log", "w") as log:
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)
    try:
        wait_for(protocol, port, command)
        yield
    finally:
        server.kill()
        server.wait()


class Server:
    """A server to run beside a client, and how README.md calls it."""

    def __init__(self, says, start):
        self.says, self.start = says, start


def python_server(says, handler, port, address="127.0.0.1"):
    return Server(says, lambda: in_thread(handler, port, address))


def https(port=443, address="127.0.0.1"):
    return python_server(f"Python's http.server over ssl, port {port}", OverTls, port, address)


def program(line, protocol="tcp", port=443):
    return Server(f"`{line}`", lambda: as_process(shlex.split(line), protocol, port))


def s_server(options="", protocol="tcp", port=443):
    line = f"openssl s_server -4 -accept {port} -key key.pem -cert cert.pem {options}".strip()
    return program(line, protocol, port)


def quic_server(options=""):
    line = f"gtlsserver --quiet {options} 127.0.0.1 443 key.pem cert.pem"
    return program(" ".join(line.split()), "udp")


NODE_SERVER = program("node http2-server.js")

# SPDX-License-Identifier: BSD-3-Clause
"""A bare ssl socket: no ALPN."""
import socket
import ssl
import sys
import urllib.parse

url = urllib.parse.urlsplit(sys.argv[1])
with socket.create_connection((url.hostname, url.port)) as plain:
    with ssl._create_unverified_context().wrap_socket(plain, server_hostname=url.hostname) as secure:
        secure.sendall(f"GET {url.path} HTTP/1.0\r\n\r\n".encode())
        while data := secure.recv(65536):
            sys.stdout.write(data.decode())

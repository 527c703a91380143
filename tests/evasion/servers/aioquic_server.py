# SPDX-License-Identifier: BSD-3-Clause
"""A QUIC server of aioquic. Usage: PORT CERT KEY"""

import asyncio
import sys

from aioquic.asyncio import serve
from aioquic.quic.configuration import QuicConfiguration


async def main(port, cert, key):
    configuration = QuicConfiguration(is_client=False, alpn_protocols=["h3", "h3-29"])
    configuration.load_cert_chain(cert, key)
    await serve("127.0.0.1", int(port), configuration=configuration)
    await asyncio.Event().wait()


asyncio.run(main(*sys.argv[1:]))

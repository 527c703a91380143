# SPDX-License-Identifier: BSD-3-Clause
"""One way to send a hello: which dimensions it varies, and the bytes."""

import dataclasses


@dataclasses.dataclass
class Framing:
    number: int
    client: str  # whose hello
    message: bytes  # the hello that a server answers
    varied: dict  # {dimension: what was chosen}
    stream: bytes = b""  # TCP: all that the client sends
    cuts: tuple = ()  # TCP: where segments end
    datagrams: tuple = ()  # UDP: what the client sends first
    draft: object = None  # UDP: from which it sends again, where the server asks for that

    def told(self):
        """As a case: one line that names it, and its bytes."""
        choices = ", ".join(f"{name}={value}" for name, value in self.varied.items()) or "plain"
        data = self.stream or b"".join(self.datagrams)
        shown = data[:96].hex() + ("…" if len(data) > 96 else "")
        return f"framing {self.number} ({self.client}, {len(data)} bytes): {choices}\n    {shown}"

# SPDX-License-Identifier: BSD-3-Clause
"""QUIC's Initial packets, RFC 9000 17.2.2, sealed as RFC 9001 5 and RFC 9369 3 say. AES is python3-cryptography's."""

import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

V1, V2, DRAFT_29, DRAFT_34 = 0x00000001, 0x6B3343CF, 0xFF00001D, 0xFF000022

SALT_V1 = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
SALT_V2 = bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9")
SALT_DRAFT_29 = bytes.fromhex("afbfec289993d24c9e9786f19c6111e04390a899")

INITIAL, ZERO_RTT, HANDSHAKE, RETRY = range(4)

PADDING, PING, ACK, CRYPTO, CONNECTION_CLOSE = b"\0", b"\1", b"\2\0\0\0\0", 6, b"\x1c\0\0\0"


def varint(value, width=None):
    width = width or next(width for width in (1, 2, 4, 8) if value < 1 << (8 * width - 2))
    return (value | width.bit_length() - 1 << (8 * width - 2)).to_bytes(width, "big")


def crypto(offset, data):
    """RFC 9000 19.6."""
    return varint(CRYPTO) + varint(offset) + varint(len(data)) + data


def salt(version):
    if version == V2:
        return SALT_V2
    return SALT_DRAFT_29 if 0xFF00001D <= version <= 0xFF000020 else SALT_V1


def first_byte(version, kind):
    """RFC 9369 3.2: version 2 numbers the types anew."""
    return 0xC0 | ((kind + 1) % 4 if version == V2 else kind) << 4


def expand_label(secret, label, length):
    """HKDF-Expand-Label, RFC 8446 7.1; at most one block."""
    full = b"tls13 " + label
    info = struct.pack("!HB", length, len(full)) + full + b"\0"
    return hmac.digest(secret, info + b"\1", hashlib.sha256)[:length]


def keys(version, dcid, side):
    secret = expand_label(hmac.digest(salt(version), dcid, hashlib.sha256), side + b" in", 32)
    prefix = b"quicv2 " if version == V2 else b"quic "
    return [expand_label(secret, prefix + name, length) for name, length in ((b"key", 16), (b"iv", 12), (b"hp", 16))]


def initial(
    frames,
    dcid,
    *,
    version=V1,
    number=0,
    scid=b"",
    token=b"",
    key_dcid=None,
    side=b"client",
    number_len=2,
    size=0,
):
    """A sealed packet; size pads it with PADDING frames. key_dcid: the connection ID that the keys follow from."""
    key, iv, hp = keys(version, dcid if key_dcid is None else key_dcid, side)
    head = struct.pack("!BI", first_byte(version, INITIAL) | number_len - 1, version)
    head += bytes([len(dcid)]) + dcid + bytes([len(scid)]) + scid + varint(len(token)) + token
    frames += PADDING * max(4 - number_len, size - len(head) - 2 - number_len - len(frames) - 16, 0)
    head += varint(number_len + len(frames) + 16, 2)
    header = head + number.to_bytes(number_len, "big")
    nonce = (int.from_bytes(iv, "big") ^ number).to_bytes(12, "big")
    sealed = header + AESGCM(key).encrypt(nonce, frames, header)
    return protect(sealed, len(head), number_len, hp)


def protect(packet, number_at, number_len, hp):
    """RFC 9001 5.4."""
    encryptor = Cipher(algorithms.AES(hp), modes.ECB()).encryptor()
    mask = encryptor.update(packet[number_at + 4 : number_at + 20])
    hidden = bytes(byte ^ mask[1 + i] for i, byte in enumerate(packet[number_at : number_at + number_len]))
    return bytes([packet[0] ^ mask[0] & 0x0F]) + packet[1:number_at] + hidden + packet[number_at + number_len :]


def opaque(kind, dcid, *, version=V1, scid=b"", size=100):
    """A packet of a type whose keys cannot be known."""
    head = struct.pack("!BI", first_byte(version, kind), version)
    head += bytes([len(dcid)]) + dcid + bytes([len(scid)]) + scid
    return head + varint(size, 2) + bytes(i * 7 & 0xFF for i in range(size))


def retry(dcid, scid, token=b"token", *, version=V1):
    """RFC 9000 17.2.5; its tag is not checked here."""
    head = struct.pack("!BI", first_byte(version, RETRY), version)
    return head + bytes([len(dcid)]) + dcid + bytes([len(scid)]) + scid + token + bytes(16)


def version_negotiation(dcid, scid, *versions):
    """RFC 9000 17.2.1."""
    listed = b"".join(struct.pack("!I", version) for version in versions)
    return b"\x80\0\0\0\0" + bytes([len(dcid)]) + dcid + bytes([len(scid)]) + scid + listed

"""PNG files of eight-bit RGB pixels: written, and read where they were written like that."""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
RGB_8_BIT = bytes([8, 2, 0, 0, 0])
PIXELS_MAX = 4 << 20


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def encode(width: int, rows: list[bytes]) -> bytes:
    """`rows` of three bytes for each pixel."""
    header = struct.pack(">II", width, len(rows)) + RGB_8_BIT
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    return SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def decode(data: bytes) -> tuple[int, list[bytes]]:
    """The width and the rows. ValueError: it is no PNG, or one of another kind."""
    if data[:8] != SIGNATURE or data[12:16] != b"IHDR":
        raise ValueError("not a PNG")
    width, height = struct.unpack(">II", data[16:24])
    if data[24:29] != RGB_8_BIT or not 0 < width * height <= PIXELS_MAX:
        raise ValueError("not a PNG of eight-bit RGB pixels")
    packed, at = b"", 8
    while at + 8 <= len(data):
        (length,), kind = struct.unpack(">I", data[at : at + 4]), data[at + 4 : at + 8]
        packed += data[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += length + 12
    line = 1 + 3 * width
    try:
        pixels = zlib.decompressobj().decompress(packed, height * line)
    except zlib.error:
        raise ValueError("not a PNG: its pixels are broken") from None
    if len(pixels) != height * line or any(pixels[::line]):
        raise ValueError("not a PNG whose rows stand for themselves")
    return width, [pixels[i + 1 : i + line] for i in range(0, height * line, line)]

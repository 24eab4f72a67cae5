"""Images in and out. A file field of the spec arrives as bytes."""

import png
from fastapi import HTTPException, Response

STEPS = 64
PALETTES = {
    "fire": lambda t: (min(255, 3 * t), max(0, min(255, 3 * t - 255)), max(0, 3 * t - 510)),
    "ice": lambda t: (max(0, 3 * t - 510), max(0, min(255, 3 * t - 255)), min(255, 3 * t)),
    "grey": lambda t: (t, t, t),
}


def escape_time(c: complex) -> int:
    z = 0j
    for step in range(STEPS):
        if abs(z) > 2:
            return step
        z = z * z + c
    return 0


def paint(self, params):
    color = PALETTES[params.palette]
    colors = [bytes(color(step * 255 // STEPS)) for step in range(STEPS)]
    n, scale = params.pixels, params.width / params.pixels
    left, top = params.x - params.width / 2, params.y + params.width / 2
    rows = [
        b"".join(
            colors[escape_time(complex(left + i * scale, top - j * scale))] for i in range(n)
        )
        for j in range(n)
    ]
    return Response(png.encode(n, rows), media_type="image/png")


def invert(self, params):
    try:
        width, rows = png.decode(params.image)
    except ValueError as problem:
        raise HTTPException(422, str(problem)) from None
    inverted = [bytes(255 - value for value in row) for row in rows]
    return Response(png.encode(width, inverted), media_type="image/png")

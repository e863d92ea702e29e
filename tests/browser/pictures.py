"""Makes a screenshot small: at most 256 colours, packed as tightly as zlib can."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray
from playwright.async_api import Page

#: The browser itself unpacks the picture: no library of ours reads PNG.
_PIXELS = """async (png) => {
  const bytes = Uint8Array.from(atob(png), (sign) => sign.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const drawn = canvas.getContext("2d");
  drawn.drawImage(bitmap, 0, 0);
  const { data } = drawn.getImageData(0, 0, bitmap.width, bitmap.height);
  let text = "";
  for (let at = 0; at < data.length; at += 32768) {
    text += String.fromCharCode(...data.subarray(at, at + 32768));
  }
  return [bitmap.width, bitmap.height, btoa(text)];
}"""


async def smaller(page: Page, png: bytes) -> bytes:
    """The same picture with a palette; `page` may be any open page."""
    width, height, pixels = await page.evaluate(_PIXELS, base64.b64encode(png).decode())
    rgba = np.frombuffer(base64.b64decode(pixels), np.uint8).reshape(height, width, 4)
    colours, at = _palette(rgba[:, :, :3])
    rows = np.zeros((height, 1 + width), np.uint8)  # every row begins with its filter: none
    rows[:, 1:] = at
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = {b"IHDR": head, b"PLTE": colours.tobytes(), b"IDAT": zlib.compress(rows.tobytes(), 9)}
    chunks = b"".join(_chunk(name, data) for name, data in {**parts, b"IEND": b""}.items())
    return b"\x89PNG\r\n\x1a\n" + chunks


def _palette(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """At most 256 colours, the commonest exact, and the number of each pixel's colour."""
    flat = pixels.reshape(-1, 3).astype(np.int32)
    keys = (flat[:, 0] << 16) | (flat[:, 1] << 8) | flat[:, 2]
    found, back, counts = np.unique(keys, return_inverse=True, return_counts=True)
    colours = np.stack([found >> 16, (found >> 8) & 255, found & 255], axis=1)
    kept = np.argsort(-counts)[:256]
    distance = ((colours[:, None, :] - colours[kept][None, :, :]) ** 2).sum(axis=2)
    nearest = distance.argmin(axis=1).astype(np.uint8)
    return colours[kept].astype(np.uint8), nearest[back].reshape(pixels.shape[:2])


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

// Width and height of a WebP picture (RFC 9649).

/** @param {Buffer} bytes */
export function sizeOf(bytes) {
  const kind = bytes.toString('latin1', 12, 16);
  if (kind === 'VP8 ') return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
  if (kind === 'VP8X') return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
  throw new Error(`the picture is no lossy WebP: it has a part “${kind}”`);
}

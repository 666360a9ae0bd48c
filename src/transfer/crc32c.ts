/** CRC-32C (Castagnoli) of a stream, as Google Cloud Storage states it in `x-goog-hash`. */
export interface Crc32c {
  update(bytes: Uint8Array): void;
  /** Base64 of the four bytes, big-endian. May be called once. */
  digest(): string;
}

/** Reversed Castagnoli polynomial. Node's `zlib.crc32` is the other CRC-32. */
const CASTAGNOLI = 0x82f63b78;

/** Starts a checksum. The WebAssembly part is loaded on first use. */
export async function createCrc32c(): Promise<Crc32c> {
  // The one part, 7 KB: the package's own entry holds every algorithm it knows.
  const { default: part } = await import('hash-wasm/dist/crc32.umd.min.js');
  const hasher = await part.createCRC32(CASTAGNOLI);
  return {
    update: (bytes) => {
      hasher.update(bytes);
    },
    digest: () => Buffer.from(hasher.digest('binary')).toString('base64'),
  };
}

declare module 'hash-wasm/dist/crc32.umd.min.js' {
  const part: Pick<typeof import('hash-wasm'), 'createCRC32'>;
  export default part;
}

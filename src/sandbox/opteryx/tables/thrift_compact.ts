/** Bytes that are not of Thrift's compact form, or end too early. */
export class ThriftMalformed extends Error {
  override readonly name = 'ThriftMalformed';
}

export type ThriftValue = bigint | boolean | Buffer | readonly ThriftValue[] | ThriftStruct;
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;

const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const SET = 10;
const MAP = 11;
const STRUCT = 12;
const INTEGERS: ReadonlySet<number> = new Set([4, 5, 6]);
const MAX_DEPTH = 32;

/** Reads one value of Thrift's compact protocol after the other. */
export class ThriftReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** @throws ThriftMalformed */
  struct(depth = 0): ThriftStruct {
    if (depth > MAX_DEPTH) throw new ThriftMalformed('Nested too deep.');
    const fields = new Map<number, ThriftValue>();
    let id = 0;
    for (let head = this.#byte(); head !== 0; head = this.#byte()) {
      const step = head >> 4;
      id = step === 0 ? Number(this.#zigzag()) : id + step;
      const type = head & 0x0f;
      // Only here, and not in lists, a truth value is told by its type alone.
      const isBoolean = type === TRUE || type === FALSE;
      fields.set(id, isBoolean ? type === TRUE : this.#value(type, depth));
    }
    return fields;
  }

  #value(type: number, depth: number): ThriftValue {
    if (type === TRUE || type === FALSE) return this.#byte() === TRUE;
    if (type === BYTE) return BigInt(this.#byte());
    if (INTEGERS.has(type)) return this.#zigzag();
    if (type === DOUBLE) return this.#take(8);
    if (type === BINARY) return this.#take(Number(this.#varint()));
    if (type === LIST || type === SET) return this.#list(depth);
    if (type === MAP) return this.#map(depth);
    if (type === STRUCT) return this.struct(depth + 1);
    throw new ThriftMalformed(`There is no type ${type}.`);
  }

  #list(depth: number): ThriftValue[] {
    const head = this.#byte();
    const size = head >> 4 === 0x0f ? Number(this.#varint()) : head >> 4;
    return this.#values(size, () => this.#value(head & 0x0f, depth + 1));
  }

  #map(depth: number): ThriftValue[] {
    const size = Number(this.#varint());
    if (size === 0) return [];
    const types = this.#byte();
    return this.#values(size, () => [
      this.#value(types >> 4, depth + 1),
      this.#value(types & 0x0f, depth + 1),
    ]);
  }

  #values(size: number, next: () => ThriftValue): ThriftValue[] {
    // Each takes a byte at least, so a size beyond that is no size.
    if (size > this.#bytes.length - this.#at) throw new ThriftMalformed('Ends too early.');
    return Array.from({ length: size }, next);
  }

  #zigzag(): bigint {
    const value = this.#varint();
    return (value >> 1n) ^ -(value & 1n);
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new ThriftMalformed('A number is too long.');
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new ThriftMalformed('Ends too early.');
    this.#at += 1;
    return byte;
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new ThriftMalformed('Ends too early.');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}

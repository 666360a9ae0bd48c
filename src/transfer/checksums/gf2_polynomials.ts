// Polynomials over GF(2) below degree 32, as CRC-32C writes them: the highest bit of the number is
// the coefficient of x^0, and products are taken modulo the Castagnoli polynomial.

const CASTAGNOLI_REFLECTED = 0x82f63b78;
const ONE = 0x80000000;
const X_TO_8 = 0x00800000;
/** x^(2^31 - 1) = 1: the polynomial is x + 1 times a primitive one of degree 31. */
const ORDER_OF_X = 2 ** 31 - 1;

function timesX(polynomial: number): number {
  const shifted = polynomial >>> 1;
  return (polynomial & 1) === 0 ? shifted : (shifted ^ CASTAGNOLI_REFLECTED) >>> 0;
}

/** The product of two polynomials. */
export function multiply(one: number, other: number): number {
  let product = 0;
  let shifted = other;
  for (let coefficient = ONE; coefficient !== 0; coefficient >>>= 1) {
    if ((one & coefficient) !== 0) {
      product ^= shifted;
    }
    shifted = timesX(shifted);
  }
  return product >>> 0;
}

function power(base: number, exponent: number): number {
  let result = ONE;
  let square = base;
  // Not by shifts: those would cut an exponent beyond 32 bits.
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) {
      result = multiply(result, square);
    }
    square = multiply(square, square);
  }
  return result;
}

/** x^(8 · bytes): what a CRC is multiplied by when so many bytes follow. Exact up to 2^53 bytes. */
export function shiftByBytes(bytes: number): number {
  return power(X_TO_8, bytes);
}

/** The inverse of {@link shiftByBytes}; for less than 2^28 bytes. */
export function unshiftByBytes(bytes: number): number {
  return power(ONE >>> 1, ORDER_OF_X - 8 * bytes);
}

const TABLES = 8;

/** Tables of remainders, eight of 256: what each byte leaves when 4, 5, … 11 zero bytes follow it. */
export function remainderTables(): Int32Array {
  // Signed, which keeps V8 to integers.
  const tables = new Int32Array(TABLES * 256);
  for (let entry = 0; entry < tables.length; entry += 1) {
    let remainder = entry < 256 ? entry : (tables[entry - 256] ?? 0) >>> 0;
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = timesX(remainder);
    }
    tables[entry] = remainder;
  }
  return tables;
}

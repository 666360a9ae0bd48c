import { z } from 'zod';

/** A key or a token, as it goes into a header. */
export const credential = () =>
  z
    .string()
    .trim()
    .regex(/^[\x21-\x7e]+$/, 'has a blank or another character that no token has');

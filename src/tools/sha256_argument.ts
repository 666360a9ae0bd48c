import { z } from 'zod';

/** For every tool that moves bytes. */
export const wantSha256 = () => z.boolean().optional().describe('Also compute the SHA-256.');

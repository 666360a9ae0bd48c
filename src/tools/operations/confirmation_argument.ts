import { z } from 'zod';

/** For tools whose operations may ask first. */
export const confirmation = () =>
  z.string().max(200).optional().describe('As this tool answered it; only after the user agreed.');

import type { FileAccess } from '../tools/toolbox.ts';
import type { PromptOffer } from './prompt_offer.ts';

/** The jobs that people ask for most, as prompts. */
export function geoperaPrompts(_access: FileAccess): PromptOffer {
  return { listings: [], get: () => undefined, complete: async () => [] };
}

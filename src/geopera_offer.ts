import type { Offer } from './offer.ts';
import { geoperaPrompts } from './prompts/geopera_prompts.ts';
import { geoperaResources } from './resources/geopera_resources.ts';
import { geoperaTools } from './tools/tool_offer.ts';
import type { FileAccess } from './tools/toolbox.ts';

/** What this product offers, to clients whose files reach it in this way. */
export function geoperaOffer(access: FileAccess): Offer {
  return {
    tools: geoperaTools(access),
    resources: geoperaResources(),
    prompts: geoperaPrompts(access),
  };
}

import type { Offer } from './offer.ts';
import { geoperaPrompts } from './prompts/geopera_prompts.ts';
import { geoperaResources } from './resources/geopera_resources.ts';
import { RecentProjects } from './resources/recent_projects.ts';
import { Suggestions } from './resources/suggestions.ts';
import type { FileAccess } from './tools/file_access.ts';
import { geoperaTools } from './tools/tool_offer.ts';

export interface OfferFacts {
  /** Project of the embedded sandbox, where there is one. */
  readonly sandboxProjectId?: string | undefined;
}

/** What this product offers, to clients whose files reach it in this way. One may serve many. */
export function geoperaOffer(access: FileAccess, { sandboxProjectId }: OfferFacts = {}): Offer {
  const tools = geoperaTools(access);
  const projects = new RecentProjects(sandboxProjectId);
  const suggestions = new Suggestions(projects);
  return {
    tools,
    resources: geoperaResources(access, projects, suggestions),
    prompts: geoperaPrompts(access, new Set(tools.listings.map(({ name }) => name)), suggestions),
  };
}

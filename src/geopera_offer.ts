import type { Offer } from './offer.ts';
import { geoperaPrompts } from './prompts/geopera_prompts.ts';
import { geoperaResources } from './resources/geopera_resources.ts';
import { RecentProjects } from './resources/recent_projects.ts';
import { Suggestions } from './resources/suggestions.ts';
import { Consent, processKey } from './tools/consent/consent.ts';
import type { FileAccess } from './tools/file_access.ts';
import { NO_WISHES, ToolSelection } from './tools/selection/tool_selection.ts';
import type { Tool } from './tools/tool.ts';
import { type GeoperaTools, geoperaTools } from './tools/tool_offer.ts';

export interface OfferFacts {
  /** Project of the embedded sandbox, where there is one. */
  readonly sandboxProjectId?: string | undefined;
  /** Tools for other services; none if absent. */
  readonly services?: readonly Tool[];
  /** Which tools; those of the default toolset if absent. */
  readonly selection?: ToolSelection;
  /** How the user is asked; as the client can, if absent. */
  readonly consent?: Consent;
}

/** What this product offers, to clients whose files reach it in this way. One may serve many. */
export function geoperaOffer(access: FileAccess, facts: OfferFacts = {}): Offer {
  const { sandboxProjectId } = facts;
  const { selection = ToolSelection.of(NO_WISHES), consent = consentHere(), services = [] } = facts;
  const projects = new RecentProjects(sandboxProjectId);
  const offerOf = (tools: GeoperaTools): Offer => {
    const suggestions = new Suggestions(projects, tools.reaches);
    return {
      tools,
      resources: geoperaResources(access, projects, suggestions, tools.reaches),
      prompts: geoperaPrompts(access, tools.callable, suggestions),
      narrowed: (wishes) => offerOf(tools.narrowed(wishes)),
    };
  };
  return offerOf(geoperaTools({ access, services, selection, consent }));
}

function consentHere(): Consent {
  return new Consent({ mode: 'auto', key: processKey(), now: Date.now });
}

import type { PromptOffer } from './prompts/prompt_offer.ts';
import type { ResourceOffer } from './resources/resource_offer.ts';
import type { ToolWishes } from './tools/selection/tool_selection.ts';
import type { ToolOffer } from './tools/tool_offer.ts';

/** All that a server offers its clients; how it is asked for is the protocol's matter. */
export interface Offer {
  readonly tools: ToolOffer;
  readonly resources: ResourceOffer;
  readonly prompts: PromptOffer;
  /** The same, less what these wishes leave out. */
  narrowed?(wishes: ToolWishes): Offer;
}

import type { GetPromptResult, Prompt } from '@modelcontextprotocol/sdk/types.js';
import type { Known, Unfinished } from '../resources/resource_offer.ts';
import type { Asked } from '../tools/tool.ts';

/** The prompts that a server offers. */
export interface PromptOffer {
  readonly listings: readonly Prompt[];
  /**
   * @returns undefined if there is no prompt of that name
   * @throws InvalidArguments
   */
  get(name: string, args: Known, asked: Asked): Promise<GetPromptResult> | undefined;
  /** What an argument may be, best first. */
  complete(
    name: string,
    unfinished: Unfinished,
    known: Known,
    asked: Asked,
  ): Promise<readonly string[]>;
}

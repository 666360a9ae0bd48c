import type { FileAccess } from '../tools/file_access.ts';

/** One argument of a prompt. All of them are text. */
export interface PromptArgument {
  readonly name: string;
  /** For people, who fill it in. */
  readonly description: string;
  readonly required: boolean;
  readonly maxChars: number;
}

/** What was filled in; what was left empty is absent. */
export type Filled = Readonly<Record<string, string>>;

/** What the model is told. */
export interface Guide {
  /** What is wanted, in one sentence. */
  readonly task: string;
  /** What was filled in, by the names that the tools have for it. */
  readonly data: Readonly<Record<string, unknown>>;
  /** In order. They name tools, and data by its names; no word of them is anybody else's. */
  readonly steps: readonly string[];
}

/** A prompt as it is written: one record. */
export interface PromptRecord {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly args: readonly PromptArgument[];
  /** All that the guide names, tools and operations. The prompt is offered only where they can be called. */
  readonly tools: readonly string[];
  /** @throws InvalidArguments */
  guide(filled: Filled): Guide;
}

/** A prompt as it is for clients whose files reach the server in this way. */
export type PromptFor = (access: FileAccess) => PromptRecord;

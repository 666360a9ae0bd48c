import type { z } from 'zod';
import type { TransferJobs } from '../jobs/transfer_jobs.ts';
import type { Clock } from '../transfer/engine.ts';
import type { AllowedFolders } from '../transfer/files/allowed_folders.ts';
import type { WorkflowContext } from '../workflows/context.ts';
import { decodeArguments } from './arguments.ts';
import type { AskingCall } from './consent/asking_call.ts';
import type { Consent } from './consent/consent.ts';
import type { Hints } from './effect_hints.ts';
import { type PortableSchema, portableInput, portableOutput } from './portable_schema.ts';
import type { ProgressNotification } from './progress_notifier.ts';
import type { ToolSelection } from './selection/tool_selection.ts';

/** On whose behalf something is asked of this server. */
export interface Caller {
  /** Whose transfers are shown. */
  readonly owner: string;
  /** What acts for the caller: with the caller's own token. */
  readonly context: WorkflowContext;
}

/** One request of a client: for whom it is, and how it is stopped. */
export interface Asked extends Caller {
  /** The transfers that run, or have run, beside the calls. */
  readonly jobs: TransferJobs<ToolAnswer>;
  /**
   * Its reason is `Cancelled` where all that the call has begun is to be undone, and `ClientGaveUp`
   * where nobody waits for the answer any more.
   */
  readonly signal: AbortSignal;
}

/** How grave a message to the client is, as the protocol has it. */
export type ToldLevel = 'debug' | 'info' | 'warning' | 'error';

/** One running call: who hears of it, and what it may touch. */
export interface ToolCall extends Asked {
  readonly askUser?: AskingCall['askUser'];
  /** By which it waits. */
  readonly clock: Clock;
  /** Tells the client something for its log, also after the call. Never throws. */
  tell(level: ToldLevel, message: string): void;
  /** Tells the client of progress; absent if it did not ask for that. */
  readonly notify?: ((notification: ProgressNotification) => void) | undefined;
  /** The folders whose files this client's calls may read and write. */
  folders(): Promise<AllowedFolders>;
}

/** A call of a tool that is offered: with what may be done beside it, and what the user is asked. */
export interface OfferedCall extends ToolCall {
  readonly selection: ToolSelection;
  readonly consent: Consent;
  /** Whether a tool of that name can be called, too. */
  offers(tool: string): boolean;
}

/** A local file that a call made, for the client to open. */
export interface FileLink {
  readonly path: string;
  readonly mediaType?: string | undefined;
  readonly bytes: number;
}

/** An image as the client shows it to its model. */
export interface AnswerImage {
  /** Base64. */
  readonly data: string;
  readonly mediaType: string;
}

/** What a call gives back. `facts` becomes both the structured content and the text. */
export interface ToolAnswer {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly file?: FileLink;
  readonly images?: readonly AnswerImage[];
  /** Dotted paths of the facts that open something to whoever knows them. */
  readonly secrets?: readonly string[];
}

/** A tool as it is written: one record. */
export interface ToolRecord<Input extends z.AnyZodObject> {
  readonly name: string;
  readonly title: string;
  /** For the model; its first sentence stands alone. At most 1,024 characters. */
  readonly description: string;
  /** Which lists it is in. */
  readonly toolsets: readonly string[];
  readonly hints: Hints;
  /** The scope that the token needs, where it needs one. */
  readonly scope?: string;
  /** More for programs, beside the scope. */
  readonly meta?: Readonly<Record<string, unknown>>;
  /** Made when it is first asked for, as a start needs no model. */
  input(): Input;
  /** Of what its answers hold, where that is worth the place that it takes in a list. */
  output?(): z.AnyZodObject;
  run(input: z.output<Input>, call: OfferedCall): Promise<ToolAnswer>;
}

/** What `tools/list` says of a tool. */
export interface ToolListing {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: PortableSchema;
  readonly outputSchema?: PortableSchema;
  readonly annotations: Hints;
  readonly _meta: Readonly<Record<string, unknown>>;
}

/** A tool as the server holds it: listed once, called with whatever the client sent. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly toolsets: readonly string[];
  readonly hints: Hints;
  readonly listing: ToolListing;
  /** Throws `InvalidArguments` before anything else happens. */
  invoke(args: unknown, call: OfferedCall): Promise<ToolAnswer>;
}

export function defineTool<Input extends z.AnyZodObject>(record: ToolRecord<Input>): Tool {
  const { name, title, toolsets, hints } = record;
  let input: Input | undefined;
  let listing: ToolListing | undefined;
  return {
    name,
    title,
    toolsets,
    hints,
    get listing() {
      listing ??= listingOf(record);
      return listing;
    },
    async invoke(args, call) {
      input ??= record.input();
      return record.run(decodeArguments(name, input, args), call);
    },
  };
}

function listingOf(record: Omit<ToolRecord<z.AnyZodObject>, 'run'>): ToolListing {
  const { name, title, description } = record;
  return {
    name,
    title,
    description,
    inputSchema: portableInput(record.input()),
    ...(record.output && { outputSchema: portableOutput(record.output()) }),
    annotations: record.hints,
    _meta: {
      ...(record.scope === undefined ? {} : { 'geopera/scope': record.scope }),
      ...record.meta,
    },
  };
}

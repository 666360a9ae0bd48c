import type {
  ReadResourceResult,
  Resource,
  ResourceTemplate,
} from '@modelcontextprotocol/sdk/types.js';
import type { Asked } from '../tools/tool.ts';

/** There is no resource of that URI, or none that this caller may read. */
export class ResourceNotFound extends Error {
  override readonly name = 'ResourceNotFound';
  readonly uri: string;

  constructor(uri: string) {
    super('resource not found');
    this.uri = uri;
  }
}

/** There is such a resource, but it cannot be had. The message says why, for people and models. */
export class ResourceUnavailable extends Error {
  override readonly name = 'ResourceUnavailable';
}

/** One variable of a URI template, or one argument of a prompt, as far as it is typed. */
export interface Unfinished {
  readonly name: string;
  readonly value: string;
}

/** Variables and arguments that are filled in already, by name. */
export type Known = Readonly<Record<string, string>>;

/** The resources that a server offers. */
export interface ResourceOffer {
  readonly templates: readonly ResourceTemplate[];
  list(asked: Asked): Promise<readonly Resource[]>;
  /** @throws ResourceNotFound, ResourceUnavailable */
  read(uri: string, asked: Asked): Promise<ReadResourceResult>;
  /** What a variable of a template may be, best first. */
  complete(
    uriTemplate: string,
    unfinished: Unfinished,
    known: Known,
    asked: Asked,
  ): Promise<readonly string[]>;
  /**
   * Calls back whenever the resource changed, until the answered function is called. The request may
   * be over long before that.
   *
   * @throws ResourceNotFound, ResourceUnavailable
   */
  watch(uri: string, changed: () => void, asked: Asked): Promise<() => void>;
}

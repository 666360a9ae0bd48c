import type { Resource, ResourceTemplate } from '@modelcontextprotocol/sdk/types.js';
import type { Asked } from '../tools/tool.ts';

/** What a resource holds: text, or bytes in base64. */
export type Content =
  | { readonly mimeType: string; readonly text: string }
  | { readonly mimeType: string; readonly blob: string };

/** Resources of one kind, each known by the one name that its URI holds. */
export interface ResourceKind {
  readonly template?: ResourceTemplate;
  /** @returns undefined if the URI is not of this kind */
  nameIn(uri: string): string | undefined;
  list(asked: Asked): Promise<readonly Resource[]>;
  /** @returns undefined if the caller has none of that name */
  read(name: string, asked: Asked): Promise<Content | undefined>;
  /** @returns what ends it; undefined if the caller has none of that name */
  watch(name: string, changed: () => void, asked: Asked): Promise<(() => void) | undefined>;
}

/** What is accepted to be watched, and of whose changes nobody tells this server. */
export const neverChanges = (): void => undefined;

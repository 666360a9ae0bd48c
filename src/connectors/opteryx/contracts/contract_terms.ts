import type { ConflictResolution, OpteryxTarget } from '../opteryx_target.ts';

export interface DeclaredColumn {
  readonly name: string;
  /** A logical type of the service, such as `VARCHAR` or `TIMESTAMP[us]`. */
  readonly type: string;
}

/** Where types come from: they are listed, read off the files, the dataset's own, or its own if it exists. */
export const SCHEMA_MODES = ['declared', 'infer', 'dataset', 'auto'] as const;
export type SchemaMode = (typeof SCHEMA_MODES)[number];

/** What a contract is asked for. */
export interface ContractTerms {
  readonly target: OpteryxTarget;
  readonly mode: SchemaMode;
  readonly columns?: readonly DeclaredColumn[] | undefined;
  readonly write?: 'append' | 'overwrite' | undefined;
  readonly onConflict: ConflictResolution;
  /** Columns of the files that are not written. */
  readonly ignore?: readonly string[] | undefined;
}

/** What an upload says of its target. */
export interface UploadTerms {
  readonly target: OpteryxTarget;
  readonly conflictResolution: ConflictResolution;
  readonly columns?: readonly DeclaredColumn[] | undefined;
  readonly ignore?: readonly string[] | undefined;
}

/**
 * A dataset that must not exist has no types to go by; one that may exist has, if it does. Columns that
 * somebody named are a declaration either way.
 */
export function contractTerms(upload: UploadTerms): ContractTerms {
  const { target, conflictResolution: onConflict, columns, ignore } = upload;
  const write = onConflict === 'fail' ? undefined : onConflict;
  const undeclared = write === undefined ? 'infer' : 'auto';
  const mode = columns === undefined ? undeclared : 'declared';
  return { target, mode, columns, write, onConflict, ignore };
}

/** The terms as the service takes them. */
export function negotiationBody(terms: ContractTerms): Readonly<Record<string, unknown>> {
  const { target, mode, columns, write, onConflict, ignore = [] } = terms;
  const { workspace, collection, dataset } = target;
  return {
    target: { workspace, collection, dataset },
    schema: { mode, ...(columns && { columns }), ...(write && { write }) },
    on_conflict: onConflict,
    ...(ignore.length > 0 && { ignore }),
  };
}

import type { Effect } from '../../operations/operation.ts';

/** The tool that calls operations of each effect: a host's approval of one says nothing of the others. */
export const CALLER_OF: Readonly<Record<Effect, string>> = {
  read: 'call_read_operation',
  compute: 'call_write_operation',
  share_export: 'call_write_operation',
  external_spend: 'call_destructive_operation',
  destructive: 'call_destructive_operation',
};

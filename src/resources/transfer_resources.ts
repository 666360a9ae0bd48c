import type { Resource } from '@modelcontextprotocol/sdk/types.js';
import type { Transfer } from '../jobs/transfer_job.ts';
import { explain } from '../tools/explain.ts';
import { progressWords } from '../tools/progress_words.ts';
import type { ToolAnswer } from '../tools/tool.ts';
import { runningFacts } from '../tools/transfer_facts.ts';
import { geoperaUris } from './geopera_uri.ts';
import { neverChanges, type ResourceKind } from './resource_kind.ts';
import { watchTransfer } from './transfer_watch.ts';

const transferUris = geoperaUris('transfers', 'transfer_id');

/** Uploads and downloads of the caller. */
export function transferResources(): ResourceKind {
  return {
    template: {
      uriTemplate: transferUris.template,
      name: 'transfer',
      title: 'Transfer',
      description:
        'An upload or a download of yours: how far it is, or its outcome, for an hour past its end.',
      mimeType: 'application/json',
    },
    nameIn: transferUris.idIn,
    list: async ({ jobs, owner }) => (await jobs.list(owner)).map(listed),
    async read(id, { jobs, owner }) {
      const transfer = await jobs.find(owner, id);
      if (transfer === undefined) return undefined;
      return { mimeType: 'application/json', text: JSON.stringify(facts(transfer)) };
    },
    async watch(id, changed, asked) {
      const transfer = await asked.jobs.find(asked.owner, id);
      if (transfer === undefined) return undefined;
      return transfer.outcome === undefined
        ? watchTransfer(transfer, changed, asked)
        : neverChanges;
    },
  };
}

function listed(transfer: Transfer<ToolAnswer>): Resource {
  const report = transfer.report();
  return {
    uri: transferUris.of(report.id),
    name: report.id,
    title: `${report.kind} of ${report.what}`,
    description: `${report.state}. ${progressWords(report)}`,
    mimeType: 'application/json',
    annotations: { lastModified: new Date(report.endedAt ?? report.startedAt).toISOString() },
  };
}

/**
 * As `transfer_status` has them. The outcome does not count as heard by that: a host reads resources
 * for a menu or a preview, and the model's own call is still to be told.
 */
function facts(transfer: Transfer<ToolAnswer>): object {
  const { id, outcome } = transfer;
  if (outcome === undefined) return runningFacts(transfer.report());
  const status = { status: outcome.state, transfer_id: id };
  return outcome.state === 'completed'
    ? { ...status, ...outcome.result.facts }
    : { ...status, error: explain(outcome.error) };
}

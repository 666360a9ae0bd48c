import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { FileAnswer } from '../../geopera/answers.ts';
import { GeoperaError } from '../../geopera/geopera_error.ts';
import type { Act } from '../../transfer/act.ts';
import { type DownloadSource, downloadFile } from '../../transfer/download.ts';
import type { TransferEngine } from '../../transfer/engine.ts';
import { TransferError } from '../../transfer/failures/transfer_error.ts';
import { descriptorUrl } from '../../workflows/descriptor.ts';
import { downloadProgress } from '../../workflows/download_progress.ts';
import { downloadAnswered, downloadTransfer } from '../download_answer.ts';
import { downloadOptions } from '../download_arguments.ts';
import type { ToolAnswer } from '../tool.ts';
import { asFacts, type Facts } from './answer_facts.ts';
import { noted } from './answer_note.ts';
import { badView } from './bad_view.ts';
import { listedAnswer, partOf } from './json_answer.ts';
import { pageNote } from './list_view.ts';
import { mayAskAgain, type OperationCall } from './operation_call.ts';
import { mustBeNoWebPage } from './read_body.ts';
import { secretMembers } from './secret_members.ts';

/**
 * Writes an answer to a file of this machine as a transfer: by the checks and the words of the download
 * tools, whole or not at all.
 */
export function saveAnswer(asked: OperationCall, saveTo: string): Promise<ToolAnswer> {
  const { operation, view, call } = asked;
  const options = z
    .object(downloadOptions())
    .parse({ path: saveTo, overwrite: view.overwrite ?? false });
  const input = { ...options, answer: digestOf(asked) };
  return downloadTransfer(operation, input, call, (path, act) =>
    new Saving(asked, path, act).run(),
  );
}

/** What is asked for tells two transfers apart, and is nobody else's to read. */
function digestOf({ body, view }: OperationCall): string {
  return createHash('sha256')
    .update(JSON.stringify([body, view.part]))
    .digest('hex');
}

interface FoundSource {
  readonly source: DownloadSource;
  /** What is to be known of it beside the file. */
  readonly facts: Facts;
}

class Saving {
  readonly #asked: OperationCall;
  readonly #path: string;
  readonly #act: Act;

  constructor(asked: OperationCall, path: string, act: Act) {
    this.#asked = asked;
    this.#path = path;
    this.#act = act;
  }

  async run(): Promise<ToolAnswer> {
    const answer = await this.#ask(this.#act.signal);
    const { engine } = this.#asked.call.context;
    if (answer.kind === 'redirect' && this.#asked.operation.response !== 'file') {
      const { withRedirectAccess } = await import('./redirect_access.ts');
      return withRedirectAccess(answer, async (access) => {
        access.assertUrl(new URL(answer.location));
        return this.#save(answer, access.engine);
      });
    }
    return this.#save(answer, engine);
  }

  async #save(answer: FileAnswer, engine: TransferEngine): Promise<ToolAnswer> {
    const { overwrite = false } = this.#asked.view;
    const { source, facts } = this.#found(answer);
    let ready: DownloadSource | undefined = source;
    try {
      const receipt = await downloadFile(
        {
          open: async (_reason, signal) => {
            const first = ready;
            ready = undefined;
            return first ?? (await this.#again(signal));
          },
          path: this.#path,
          overwrite,
          signal: this.#act.signal,
          onProgress: downloadProgress(this.#path, this.#act),
        },
        engine,
      );
      return downloadAnswered(receipt, facts);
    } finally {
      if (ready?.kind === 'body') ready.discard();
    }
  }

  async #ask(signal: AbortSignal): Promise<FileAnswer> {
    const { operation, body, call, terms } = this.#asked;
    const { geopera } = call.context;
    if (operation.response !== 'json') return geopera.openFile(operation, body, signal, terms);
    return { kind: 'json', value: await geopera.callUntyped(operation, body, signal, terms) };
  }

  async #again(signal: AbortSignal): Promise<DownloadSource> {
    if (mayAskAgain(this.#asked)) return this.#found(await this.#ask(signal)).source;
    throw new TransferError({
      code: 'connection_lost',
      message: 'the bytes broke off, and this operation must not be called twice for them.',
    });
  }

  #found(answer: FileAnswer): FoundSource {
    const { operation, view } = this.#asked;
    if (answer.kind === 'json') return this.#foundJson(answer.value);
    if (view.part !== undefined) {
      if (answer.kind === 'body') answer.discard();
      throw badView(this.#asked, `part: the answer of ${operation.id} is no JSON`);
    }
    if (answer.kind === 'body') mustBeNoWebPage(answer, this.#asked);
    const source = answer.kind === 'body' ? answer : urlSource(answer.location);
    return { source, facts: {} };
  }

  /** A descriptor stands for the file that it describes; any other JSON for itself. */
  #foundJson(value: unknown): FoundSource {
    const { operation, view } = this.#asked;
    const url = operation.response === 'file' ? urlIn(operation.id, value) : undefined;
    if (url !== undefined && view.part === undefined) {
      return { source: urlSource(url), facts: {} };
    }
    const wanted = partOf(value, this.#asked);
    const secrets = secretMembers(asFacts(wanted), operation.secrets, view.part);
    const list = view.part === undefined ? listedAnswer(wanted, this.#asked) : undefined;
    const facts = secrets.length === 0 ? {} : { secret_members: secrets };
    return { source: jsonSource(wanted), facts: list ? noted(pageNote(list), facts) : facts };
  }
}

function urlSource(url: string): DownloadSource {
  return { kind: 'url', url };
}

function urlIn(operationId: string, value: unknown): string | undefined {
  try {
    return descriptorUrl(operationId, value);
  } catch (failure) {
    if (failure instanceof GeoperaError) return undefined;
    throw failure;
  }
}

function jsonSource(value: unknown): DownloadSource {
  const bytes = Buffer.from(JSON.stringify(value ?? null));
  return {
    kind: 'body',
    headers: { 'content-type': 'application/json', 'content-length': String(bytes.byteLength) },
    body: (async function* () {
      yield bytes;
    })(),
    discard: () => undefined,
  };
}

import { basename } from 'node:path';
import { z } from 'zod';
import { filesInWords } from '../../../connectors/files_in_words.ts';
import { createServiceClient } from '../../../connectors/http/service_client.ts';
import { contractId } from '../../../connectors/opteryx/contracts/contract_endpoints.ts';
import { sendTable } from '../../../connectors/opteryx/contracts/send_table.ts';
import { kindOf, withOpenTables } from '../../../connectors/opteryx/open_tables.ts';
import type { OpteryxService } from '../../../connectors/opteryx/opteryx_service.ts';
import type { Act } from '../../../transfer/act.ts';
import { resolveSource } from '../../../transfer/files/allowed_folders.ts';
import { openSourceFile } from '../../../transfer/files/source_file.ts';
import { hints } from '../../effect_hints.ts';
import { runTransfer } from '../../run_transfer.ts';
import { sourceState } from '../../source_state.ts';
import { defineTool, type Tool, type ToolAnswer } from '../../tool.ts';
import { transferOutput, waitSeconds } from '../../transfer_facts.ts';
import { sentFacts } from './contract_facts.ts';

const NAME = 'opteryx_send_contract_data';

/** Sends one file under a contract that was accepted; the contract stays open whatever becomes of it. */
export function sendContractData(service: OpteryxService, toolsets: readonly string[]): Tool {
  return defineTool({
    name: NAME,
    title: 'Send a table under an upload contract',
    description:
      'Send one local table under an accepted contract. Once for each file: a file sent twice is its rows twice. After a lost answer, look with opteryx_get_contract.',
    toolsets,
    hints: hints({}),
    input: () =>
      z
        .object({
          contract_id: contractId(),
          path: z.string().min(1).describe('Table on this machine.'),
          wait_seconds: waitSeconds(),
        })
        .strict(),
    output: () => transferOutput(z.object({ file_name: z.string(), bytes: z.number() })),
    async run({ contract_id, path: asked, wait_seconds }, call) {
      const path = await resolveSource(asked, await call.folders());
      const fileName = basename(path);
      kindOf(fileName);
      const state = await sourceState(path);
      const { engine } = call.context;

      async function sent(act: Act): Promise<ToolAnswer> {
        const client = createServiceClient(service.access, engine);
        const message = `Uploading ${filesInWords([fileName])}`;
        const onSent = (done: number) => act.onProgress({ done, total: state.bytes, message });
        const table = { fileName, open: () => openSourceFile(path) };
        const [file] = await withOpenTables([table], act.signal, (open) =>
          Promise.all(
            open.map((it) => sendTable(contract_id, it, client, { signal: act.signal, onSent })),
          ),
        );
        return {
          facts: {
            contract_id,
            ...(file && sentFacts(file)),
            next: 'Once all files are sent, opteryx_commit_contract makes them rows.',
          },
        };
      }

      return runTransfer(
        {
          kind: 'upload',
          what: filesInWords([fileName]),
          bytesTotal: state.bytes,
          sameAs: [NAME, contract_id, path, state],
          waitSeconds: wait_seconds,
          prepare: async () => sent,
        },
        call,
      );
    },
  });
}

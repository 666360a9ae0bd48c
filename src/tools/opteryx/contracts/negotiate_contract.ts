import { basename } from 'node:path';
import { z } from 'zod';
import { createServiceClient } from '../../../connectors/http/service_client.ts';
import { giveUp } from '../../../connectors/opteryx/contracts/close_contract.ts';
import {
  declaredColumns,
  ignoredColumns,
} from '../../../connectors/opteryx/contracts/contract_endpoints.ts';
import {
  contractTerms,
  SCHEMA_MODES,
} from '../../../connectors/opteryx/contracts/contract_terms.ts';
import { negotiate } from '../../../connectors/opteryx/contracts/negotiate.ts';
import { type TableToSend, withOpenTables } from '../../../connectors/opteryx/open_tables.ts';
import type { OpteryxService } from '../../../connectors/opteryx/opteryx_service.ts';
import {
  conflictResolution,
  tableOf,
  targetFields,
} from '../../../connectors/opteryx/opteryx_target.ts';
import type { AllowedFolders } from '../../../transfer/files/allowed_folders.ts';
import { resolveSource } from '../../../transfer/files/allowed_folders.ts';
import { openSourceFile } from '../../../transfer/files/source_file.ts';
import { hints } from '../../effect_hints.ts';
import { confirmation as confirmationArgument } from '../../operations/confirmation_argument.ts';
import { withConsent } from '../../services/with_consent.ts';
import { defineTool, type Tool } from '../../tool.ts';
import { toolName } from '../../tool_name.ts';
import { nextOf } from './contract_facts.ts';

const ID = 'opteryx.negotiate_contract';
/** Each file stays open while the samples are taken; descriptors are few. */
const MOST_FILES = 200;

/** Opens a contract and leaves it open, for whoever takes the steps by hand. */
export function negotiateContract(service: OpteryxService, toolsets: readonly string[]): Tool {
  return defineTool({
    name: toolName(ID),
    title: 'Negotiate an upload contract by hand',
    description:
      'Agree by samples of local tables what their columns become in a dataset of Opteryx. Leaves the contract open and answers its id, plan and end. opteryx_upload_file does all of it.',
    toolsets,
    hints: hints({}),
    input: () =>
      z
        .object({
          paths: z.array(z.string().min(1)).min(1).max(MOST_FILES).describe('Local tables.'),
          ...targetFields(),
          conflict_resolution: conflictResolution(),
          mode: z
            .enum(SCHEMA_MODES)
            .optional()
            .describe('Where types come from. If absent, it follows from the rest.'),
          columns: declaredColumns('All columns with their types (mode declared).').optional(),
          ignore: ignoredColumns().optional(),
          confirmation: confirmationArgument(),
        })
        .strict(),
    async run({ confirmation, ...input }, call) {
      const tables = await localTables(input.paths, await call.folders());
      const { conflict_resolution: resolution, mode, columns, ignore } = input;
      const target = targetOf(input);
      const terms = contractTerms({ target, conflictResolution: resolution, columns, ignore });
      const question =
        resolution === 'overwrite'
          ? `Opteryx: agree on a contract that replaces all rows of the table ${tableOf(target)} once it is committed, if the table exists.`
          : undefined;
      return withConsent({ id: ID, input, question, confirmation }, call, async () => {
        const { engine } = call.context;
        const { signal } = call;
        const client = createServiceClient(service.access, engine);
        const contract = await withOpenTables(tables, signal, (open) =>
          negotiate({ ...terms, mode: mode ?? terms.mode }, open, {
            client,
            clock: engine.clock,
            signal,
          }),
        );
        // Nobody would hear of it.
        if (signal.aborted) await giveUp(contract, client);
        signal.throwIfAborted();
        return { facts: { ...contract, next: nextOf(contract) } };
      });
    },
  });
}

function targetOf({
  workspace,
  collection,
  dataset,
}: z.output<z.ZodObject<ReturnType<typeof targetFields>>>) {
  return { workspace, collection, dataset };
}

/** Files of this machine that calls may touch, to be opened as they are then. */
async function localTables(
  paths: readonly string[],
  folders: AllowedFolders,
): Promise<TableToSend[]> {
  const tables: TableToSend[] = [];
  for (const asked of paths) {
    const path = await resolveSource(asked, folders);
    tables.push({ fileName: basename(path), open: () => openSourceFile(path) });
  }
  return tables;
}

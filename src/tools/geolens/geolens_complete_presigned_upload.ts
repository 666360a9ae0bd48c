import { completeUpload } from '../../connectors/geolens/complete_upload.ts';
import { geolens } from '../../connectors/geolens/geolens_endpoints.ts';
import { createServiceClient } from '../../connectors/http/service_client.ts';
import type { ServiceAccess } from '../../connectors/http/service_request.ts';
import { hints } from '../effect_hints.ts';
import { defineTool, type Tool } from '../tool.ts';
import { toolName } from '../tool_name.ts';

/** Unlike the tool of any endpoint it knows what a refusal after a lost answer means. */
export function geolensCompletePresignedUpload(
  access: ServiceAccess,
  toolsets: readonly string[],
): Tool {
  const { id, title, summary, input } = geolens.completePresigned;
  return defineTool({
    name: toolName(id),
    title,
    description: summary,
    toolsets,
    hints: hints({}),
    input,
    async run({ job_id: jobId, parts }, { context: { engine }, signal }) {
      const client = createServiceClient(access, engine);
      return { facts: await completeUpload({ jobId, parts }, client, engine, signal) };
    },
  });
}

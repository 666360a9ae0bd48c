import { opteryx } from '../../connectors/opteryx/opteryx_endpoints.ts';
import type { OpteryxService } from '../../connectors/opteryx/opteryx_service.ts';
import { DEFAULT_TOOLSET } from '../selection/tool_selection.ts';
import { endpointTool } from '../services/endpoint_tool.ts';
import type { Tool } from '../tool.ts';
import { contractTools } from './contracts/contract_tools.ts';
import { opteryxUploadFile } from './opteryx_upload_file.ts';
import { opteryxUploadPart } from './opteryx_upload_part.ts';

const TOOLSETS = [DEFAULT_TOOLSET, 'opteryx'];

/** The tools of Opteryx: those of the ways that are configured. */
export function opteryxTools(service: OpteryxService): readonly Tool[] {
  const { api, access } = service;
  return [
    opteryxUploadFile(service, TOOLSETS),
    // Up or not is for everybody to know.
    endpointTool(opteryx.health, { ...access, credentials: undefined }, TOOLSETS),
    ...(api === 'v2' ? [] : sessionTools(service)),
    ...(api === 'v1' ? [] : contractTools(service)),
  ];
}

function sessionTools(service: OpteryxService): readonly Tool[] {
  const { access } = service;
  const { startSession, deletePart, inspectSession, commitSession } = opteryx;
  return [
    endpointTool(startSession, access, TOOLSETS),
    opteryxUploadPart(service, TOOLSETS),
    endpointTool(deletePart, access, TOOLSETS),
    endpointTool(inspectSession, access, TOOLSETS),
    endpointTool(commitSession, access, TOOLSETS),
  ];
}

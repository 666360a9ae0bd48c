import { contracts } from '../../../connectors/opteryx/contracts/contract_endpoints.ts';
import type { OpteryxService } from '../../../connectors/opteryx/opteryx_service.ts';
import { DEFAULT_TOOLSET } from '../../selection/tool_selection.ts';
import { endpointTool } from '../../services/endpoint_tool.ts';
import type { Tool } from '../../tool.ts';
import { negotiateContract } from './negotiate_contract.ts';
import { sendContractData } from './send_contract_data.ts';

/** The steps of a contract as tools; in the default list only where contracts were chosen. */
export function contractTools(service: OpteryxService): readonly Tool[] {
  const toolsets = service.api === 'v2' ? [DEFAULT_TOOLSET, 'opteryx'] : ['opteryx'];
  const { get, amend, accept, commit, abandon } = contracts;
  const { access } = service;
  return [
    negotiateContract(service, toolsets),
    endpointTool(get, access, toolsets),
    endpointTool(amend, access, toolsets),
    endpointTool(accept, access, toolsets),
    sendContractData(service, toolsets),
    endpointTool(commit, access, toolsets),
    endpointTool(abandon, access, toolsets),
  ];
}

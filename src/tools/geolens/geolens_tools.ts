import { geolens } from '../../connectors/geolens/geolens_endpoints.ts';
import type { GeolensService } from '../../connectors/geolens/geolens_service.ts';
import { DEFAULT_TOOLSET } from '../selection/tool_selection.ts';
import { endpointTool } from '../services/endpoint_tool.ts';
import type { Tool } from '../tool.ts';
import { geolensCompletePresignedUpload } from './geolens_complete_presigned_upload.ts';
import { geolensUploadFile } from './geolens_upload_file.ts';

const GEOLENS_TOOLSETS: readonly string[] = [DEFAULT_TOOLSET, 'geolens'];

/** The tools of a configured GeoLens instance. */
export function geolensTools(service: GeolensService): readonly Tool[] {
  const { access } = service;
  return [
    geolensUploadFile(service, GEOLENS_TOOLSETS),
    endpointTool(geolens.uploadConfig, access, GEOLENS_TOOLSETS),
    endpointTool(geolens.requestPresigned, access, GEOLENS_TOOLSETS),
    geolensCompletePresignedUpload(access, GEOLENS_TOOLSETS),
    endpointTool(geolens.preview, access, GEOLENS_TOOLSETS),
    endpointTool(geolens.commit, access, GEOLENS_TOOLSETS),
    endpointTool(geolens.jobStatus, access, GEOLENS_TOOLSETS),
  ];
}

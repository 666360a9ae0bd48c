import { callEndpoint } from '../endpoint.ts';
import type { ServiceClient } from '../http/service_client.ts';
import type { FilePreview } from './geolens_answers.ts';
import { geolens } from './geolens_endpoints.ts';
import { LayerNotChosen } from './geolens_errors.ts';

/**
 * What the service sees in the file, of the layer that was asked for. The layers of a file are known to
 * it only after a look without one.
 *
 * @throws LayerNotChosen where there are several and none of them was named: which one is not for us to
 * guess
 */
export async function previewFile(
  jobId: string,
  layerName: string | undefined,
  client: ServiceClient,
  signal: AbortSignal,
): Promise<FilePreview> {
  const { preview: look } = geolens;
  const preview = await callEndpoint(look, { job_id: jobId }, client, signal);
  const layers = layersOf(preview);
  if (layers.length === 0 || (layers.length === 1 && layerName === undefined)) return preview;
  if (layerName === undefined || !layers.includes(layerName)) {
    throw new LayerNotChosen({ jobId, layers, asked: layerName });
  }
  if (layers.length === 1) return preview;
  return callEndpoint(look, { job_id: jobId, layer_name: layerName }, client, signal);
}

/** A list comes where there are several; a lone layer is only named. A raster has none. */
function layersOf({ layers, layer_name }: FilePreview): string[] {
  if (layers?.length) return layers.map(({ name }) => name);
  return layer_name ? [layer_name] : [];
}

import type { Config } from '../config.ts';
import type { ConnectedService } from '../connectors/connected_service.ts';
import { callEndpoint } from '../connectors/endpoint.ts';
import { geolens } from '../connectors/geolens/geolens_endpoints.ts';
import { createServiceClient } from '../connectors/http/service_client.ts';
import type { ServiceName } from '../connectors/http/service_error.ts';
import { opteryx } from '../connectors/opteryx/opteryx_endpoints.ts';
import type { ServiceProbe } from '../doctor/patient.ts';
import { createLog } from '../log.ts';
import { explain } from '../tools/explain.ts';
import type { TransferEngine } from '../transfer/engine.ts';
import { connectServices } from './connected_services.ts';

/** What shows of each service that it is there and takes the credentials, without changing anything. */
const PROBES: Readonly<
  Record<
    ServiceName,
    (service: ConnectedService, engine: TransferEngine, signal: AbortSignal) => Promise<unknown>
  >
> = {
  async opteryx({ access }, engine, signal) {
    const open = { ...access, credentials: undefined };
    await callEndpoint(opteryx.health, {}, createServiceClient(open, engine), signal);
    return access.credentials?.headers(signal);
  },
  geolens: ({ access }, engine, signal) =>
    callEndpoint(geolens.uploadConfig, {}, createServiceClient(access, engine), signal),
};

/** How each configured service is looked at. */
export function serviceProbes(config: Config, engine: TransferEngine): readonly ServiceProbe[] {
  const { services } = connectServices(config, createLog('error'));
  return services.map((service) => ({
    name: service.access.service,
    async probe(signal) {
      try {
        await PROBES[service.access.service](service, engine, signal);
        return {};
      } catch (failure) {
        signal.throwIfAborted();
        const { what, next } = explain(failure);
        return { trouble: what, advice: next };
      }
    },
  }));
}

import type { Config } from '../config.ts';
import { geoperaOffer, type OfferFacts } from '../geopera_offer.ts';
import type { Offer } from '../offer.ts';
import { ConfigError } from '../settings/config_error.ts';
import { Consent, type ConsentOptions } from '../tools/consent/consent.ts';
import type { FileAccess } from '../tools/file_access.ts';
import { EVERY_TOOLSET, ToolSelection } from '../tools/selection/tool_selection.ts';
import { toolsetNames } from '../tools/selection/toolsets.ts';
import type { Tool } from '../tools/tool.ts';
import { toolName } from '../tools/tool_name.ts';
import { createToolbox } from '../tools/toolbox.ts';

export interface OfferedOptions extends Pick<OfferFacts, 'sandboxProjectId'> {
  readonly access: FileAccess;
  /** Tools for other services. */
  readonly services?: readonly Tool[] | undefined;
  /** Signs what the user is shown before it is done. */
  readonly confirmationKey: ConsentOptions['key'];
  readonly consentRecords?: ConsentOptions['records'];
  now(): number;
}

/**
 * What the configuration lets this server offer.
 *
 * @throws ConfigError for a toolset or a tool that does not exist: one that was to be left out would be there
 */
export function offeredBy(config: Config, options: OfferedOptions): Offer {
  const { access, sandboxProjectId, confirmationKey: key, consentRecords: records, now } = options;
  const { services = [] } = options;
  const toolNames = () => [...everyToolName(), ...services.map(({ name }) => name)];
  const toolsets = () => [...toolsetNames(), ...services.flatMap((tool) => tool.toolsets)];
  mustExist('--toolsets', config.toolsets ?? [], toolsets);
  mustExist('--tools', config.tools ?? [], toolNames, toolName);
  mustExist('--exclude-tools', config.excludeTools, toolNames, toolName);
  return geoperaOffer(access, {
    sandboxProjectId,
    services,
    selection: ToolSelection.of(config),
    consent: new Consent({ mode: config.confirm, key, now, ...(records && { records }) }),
  });
}

/** What is there on one machine alone is named in settings that several share. */
const SERVICES_HINT =
  ' What is of Opteryx or GeoLens is there only where that service is configured: docs/services.md.';

function isOfService(name: string): boolean {
  return /^(opteryx|geolens)(?![a-z0-9])/.test(name);
}

function mustExist(
  flag: string,
  names: readonly string[],
  known: () => readonly string[],
  meant = (name: string) => name,
): void {
  if (names.length === 0) return;
  const all = [...new Set(known())];
  const unknown = names.filter((name) => !all.includes(meant(name)));
  if (unknown.length === 0) return;
  const hint = all.length <= 40 ? ` Known: ${all.join(', ')}.` : ' docs/tools.md lists them.';
  const more = unknown.some(isOfService) ? SERVICES_HINT : '';
  throw new ConfigError(`${flag}: there is no ${unknown.join(', ')}.${hint}${more}`);
}

function everyToolName(): readonly string[] {
  const every = ToolSelection.of({ toolsets: [EVERY_TOOLSET], excludeTools: [], readOnly: false });
  return [...createToolbox('both', every).keys()];
}

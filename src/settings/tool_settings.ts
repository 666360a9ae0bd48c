import { z } from 'zod';
import { CONFIRM_MODES } from '../tools/consent/confirm_modes.ts';
import { setting } from './setting.ts';

const names = z
  .array(z.string())
  .transform((lists) => lists.flatMap((list) => list.split(/[\s,]+/)).filter((it) => it !== ''));

/** A list without a name in it says nothing: hosts fill in empty text for what their user left out. */
const wanted = names.transform((given) => (given.length === 0 ? undefined : given)).optional();

/** What of Geopera is offered, and what is asked before it is done. */
export const toolSettings = {
  toolsets: setting(
    {
      commands: ['stdio', 'http'],
      flag: 'toolsets',
      env: 'GEOPERA_TOOLSETS',
      form: 'list',
      placeholder: 'NAME',
    },
    'Toolsets to list: `default`, `operations` (search, describe, call), a resource such as `items`, `clip`, `orders`, `opteryx` or `geolens` where these are configured, or `all` for each operation as a tool of its own. `default` if neither this nor `--tools` is given.',
    wanted,
  ),
  tools: setting(
    {
      commands: ['stdio', 'http'],
      flag: 'tools',
      env: 'GEOPERA_TOOLS',
      form: 'list',
      placeholder: 'TOOL',
    },
    'Tools to list, beside those of `--toolsets`, e.g. `upload_local_file,items_get`.',
    wanted,
  ),
  excludeTools: setting(
    {
      commands: ['stdio', 'http'],
      flag: 'exclude-tools',
      env: 'GEOPERA_EXCLUDE_TOOLS',
      form: 'list',
      placeholder: 'TOOL',
    },
    'Tools that are never there. An operation named here is no resource either, and is neither found nor called; a tool that does a whole job is excluded by its own name.',
    names.default([]),
  ),
  readOnly: setting(
    { commands: ['stdio', 'http'], flag: 'read-only', form: 'switch' },
    'Offer only what changes nothing, at Geopera or on this machine. Wins over all that lists more.',
    z.boolean().default(false),
  ),
  confirm: setting(
    {
      commands: ['stdio', 'http'],
      flag: 'confirm',
      env: 'GEOPERA_CONFIRM',
      form: 'text',
      placeholder: 'MODE',
    },
    'How the user is asked before anything is spent or removed, or a secret made. `auto`: by the client, or where it cannot ask, in two steps by the agent; `always`: by the client alone, and refused where it cannot; `never`: not by this server.',
    z.enum(CONFIRM_MODES).default('auto'),
  ),
};

import { code, firstSentence, table } from './markdown.mjs';

/** Every flag and environment variable. */
export const settingsTable = ({ settings }) =>
  table([['Flag', 'Environment', 'Command', 'What it does'], ...settings().map(settingRow)]);

export function settingRow(setting) {
  const { flag, form, placeholder, env, commands, help, default: value } = setting;
  return [
    form === 'word'
      ? code(placeholder)
      : flag === undefined
        ? ''
        : code(`--${flag}${placeholder ? ` ${placeholder}` : ''}`),
    env === undefined ? '' : code(env),
    commands.join(', '),
    value === undefined ? help : `${help} Default: ${code(value)}.`,
  ];
}

/** What is listed if nothing else is asked for. */
export const defaultListTable = ({ createToolbox }) =>
  table([
    ['Tool', 'Scope', 'What it does'],
    ...[...createToolbox('both').values()].map(({ listing: { name, description, _meta } }) => [
      code(name),
      scopeOf(_meta),
      firstSentence(description),
    ]),
  ]);

/** The scope that a tool needs, or nothing. */
export const scopeOf = ({ 'geopera/scope': scope }) => (scope === undefined ? '' : code(scope));

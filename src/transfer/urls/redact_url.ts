const URL_IN_TEXT = /\bhttps?:\/\/[^\s"'<>]+/gi;
const SIGNATURE_IN_TEXT =
  /\b((?:[\w-]*(?:signature|credential|security-token|accessid|accesskeyid)|upload[-_]?id|sig|token))=[^&\s"'<>]+/gi;

/**
 * A URL without what makes it a secret: no query, no fragment, no user name or password.
 *
 * @returns `https://host/path`, with `?…` where a query was; `(not a URL)` for anything else
 */
export function redactUrl(url: string | URL): string {
  if (typeof url === 'string' && !URL.canParse(url)) {
    return '(not a URL)';
  }
  const parsed = new URL(url);
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}${parsed.search === '' ? '' : '?…'}`;
}

/**
 * Text that storage wrote, made safe to repeat: one line, bounded, URLs and signatures cut.
 *
 * @param limit longest result, in characters
 */
export function redactText(text: string, limit = 200): string {
  const line = text
    .replace(URL_IN_TEXT, (url) => redactUrl(url))
    .replace(SIGNATURE_IN_TEXT, '$1=…')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed here
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .trim();
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}

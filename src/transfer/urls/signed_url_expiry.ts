const BASIC_TIME = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

function basicTime(text: string | undefined): number {
  const parts = BASIC_TIME.exec(text ?? '');
  if (parts === null) {
    return Number.NaN;
  }
  const [year, month, day, hour, minute, second] = parts.slice(1);
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function seconds(text: string | undefined, form: RegExp): number {
  return text !== undefined && form.test(text) ? Number(text) * 1000 : Number.NaN;
}

const LIFETIME = /^\d{1,7}$/;
const SINCE_EPOCH = /^\d{9,11}$/;

/** Each way a signed URL states its own end, as epoch milliseconds; NaN where it does not. */
const READERS: readonly ((query: ReadonlyMap<string, string>) => number)[] = [
  (query) => basicTime(query.get('x-goog-date')) + seconds(query.get('x-goog-expires'), LIFETIME),
  (query) => basicTime(query.get('x-amz-date')) + seconds(query.get('x-amz-expires'), LIFETIME),
  // Google Cloud Storage V2, S3 V2, CloudFront.
  (query) => seconds(query.get('expires'), SINCE_EPOCH),
  // Azure SAS: an ISO date, and only beside a signature.
  (query) => (query.has('sig') ? Date.parse(query.get('se') ?? '') : Number.NaN),
];

/**
 * When a signed URL ends by its own parameters.
 *
 * @returns epoch milliseconds, or undefined if the URL does not say
 */
export function signedUrlExpiry(url: URL): number | undefined {
  const query = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    query.set(name.toLowerCase(), value);
  }
  return READERS.map((read) => read(query)).find((end) => !Number.isNaN(end));
}

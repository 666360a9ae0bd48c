const BASIC_TIME = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

function basicTime(text: string | undefined): number {
  const parts = BASIC_TIME.exec(text ?? '');
  if (parts === null) {
    return Number.NaN;
  }
  const [year, month, day, hour, minute, second] = parts.slice(1);
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** Each way a signed URL states its own end, as epoch milliseconds; NaN where it does not. */
const READERS: readonly ((query: ReadonlyMap<string, string>) => number)[] = [
  (query) => basicTime(query.get('x-goog-date')) + Number(query.get('x-goog-expires')) * 1000,
  (query) => basicTime(query.get('x-amz-date')) + Number(query.get('x-amz-expires')) * 1000,
  // Google Cloud Storage V2, S3 V2, CloudFront: seconds since the epoch.
  (query) =>
    /^\d{9,11}$/.test(query.get('expires') ?? '') ? Number(query.get('expires')) * 1000 : NaN,
  // Azure SAS: an ISO date, and only beside a signature.
  (query) => (query.has('sig') ? Date.parse(query.get('se') ?? '') : NaN),
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

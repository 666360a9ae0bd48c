/** RFC 3986: everything but letters, digits and `-._~` is percent-encoded. */
export function encodeStrict(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A path-style address of an object: the slashes of its key stay. */
export function objectPath(bucket: string, key: string): string {
  return `/${[bucket, ...key.split('/')].map(encodeStrict).join('/')}`;
}

/** A query in the order and encoding that signatures are made over. */
export function encodeQuery(query: URLSearchParams): string {
  return [...query]
    .map(([name, value]) => `${encodeStrict(name)}=${encodeStrict(value)}`)
    .sort()
    .join('&');
}

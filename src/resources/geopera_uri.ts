const LONGEST_ID = 200;

/** URIs such as `geopera://items/{item_id}`: all of one kind, by the one variable that they have. */
export interface GeoperaUris {
  /** As RFC 6570 has it. */
  readonly template: string;
  of(id: string): string;
  /** @returns undefined for any other URI */
  idIn(uri: string): string | undefined;
}

export function geoperaUris(kind: string, variable: string): GeoperaUris {
  const start = `geopera://${kind}/`;
  return {
    template: `${start}{${variable}}`,
    of: (id) => `${start}${encodeURIComponent(id)}`,
    idIn: (uri) => (uri.startsWith(start) ? decoded(uri.slice(start.length)) : undefined),
  };
}

/** What a simple expansion of RFC 6570 was made of. */
function decoded(expansion: string): string | undefined {
  if (/[/?#]/.test(expansion)) return undefined;
  try {
    const id = decodeURIComponent(expansion);
    return id === '' || id.length > LONGEST_ID ? undefined : id;
  } catch {
    return undefined;
  }
}

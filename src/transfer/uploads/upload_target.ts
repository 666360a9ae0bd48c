/** A URL that takes bytes in one PUT. */
export interface PutTarget {
  readonly kind: 'put';
  readonly url: string;
  /** Exactly the headers that were signed; only `Content-Length` is added to them. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * A URL that begins a resumable session of Google Cloud Storage: it takes one POST without a body,
 * whose answer names the URL that takes the bytes.
 */
export interface ResumableTarget {
  readonly kind: 'resumable';
  readonly url: string;
  /** Exactly the headers that were signed, `x-goog-resumable: start` among them. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Where a file goes, and how. What storage offers is for whoever signs to say. */
export type SignedTarget = PutTarget | ResumableTarget;

/** Where the bytes of a download come from. */
export type DownloadSource =
  | { readonly kind: 'url'; readonly url: string }
  /** An API that answered with the bytes themselves. */
  | {
      readonly kind: 'body';
      /** By lower-case name. */
      readonly headers: Readonly<Record<string, string | undefined>>;
      readonly body: AsyncIterable<Uint8Array>;
      /** Ends the connection behind the body. */
      discard(): void;
    };

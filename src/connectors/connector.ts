import type { Act } from '../transfer/act.ts';

/** What a service lets one do to an upload that will not be finished. */
export type AbandonKind =
  /** One call ends it, and gives back what it had reserved. */
  | 'release'
  /** Each part that was sent can be removed; the empty session runs out by itself. */
  | 'delete_parts'
  /** One call ends it and forgets what was sent. */
  | 'delete_contract'
  /** To finish it without naming a part aborts it, where it is sent in parts; else it runs out by itself. */
  | 'finish_without_parts';

/** Which `Content-Type` the bytes go with. */
export type ContentTypeRule =
  /** Exactly the one that the URL was signed for. */
  | 'as_signed'
  /** The one that was signed where all goes in one PUT; none where it goes in parts. */
  | 'as_signed_none_on_parts'
  /** The one of the kind of file. */
  | 'of_kind';

/** In what services differ. Nobody guesses any of it from an answer; docs/architecture.md has it as a table. */
export interface ConnectorTraits {
  /** Whether a URL that has run out can be had anew. Absent where bytes go to the service itself. */
  readonly canResign?: boolean;
  /** The number of the first part; absent where nothing is numbered. */
  readonly partBase?: 0 | 1;
  /** Whether each part is a file in itself, rather than a range of one. */
  readonly partsSelfContained: boolean;
  /** Whether to finish twice is to finish once. */
  readonly finishIdempotent: boolean;
  readonly abandons: AbandonKind;
  readonly contentType: ContentTypeRule;
}

/** How far an upload had come when it failed. */
export type ConnectorStep = 'send' | 'inspect' | 'finish';

/** Where an upload failed after it was started, and why. */
export interface ConnectorFailure {
  readonly step: ConnectorStep;
  readonly cause: unknown;
}

/** One unit that is being sent. */
export interface SendingUnit {
  /** From 0, in the order of the plan. */
  readonly index: number;
  readonly signal: AbortSignal;
  /** Takes how many bytes of the user's files this unit has brought to the service so far. */
  onSent(bytes: number): void;
}

/**
 * An upload to one service, as `connectedUpload` carries it out. What is sent as one is for the service to
 * say: a file, a small complete file cut from one, an object with its ranges.
 */
export interface Connector<Session, Unit, Sent, Outcome> {
  readonly traits: ConnectorTraits;
  /** Of the files, in bytes; for progress. */
  readonly totalBytes: number;
  /** What is sent, in words that may be shown. */
  readonly what: string;
  readonly unitsAtOnce: number;
  /** Opens the upload. What it throws is the caller's as it is: nothing was started then. */
  start(signal: AbortSignal): Promise<Session>;
  /** What is to be sent; a unit is asked for when there is room to send it. */
  plan(session: Session, signal: AbortSignal): Iterable<Unit> | AsyncIterable<Unit>;
  /** Sends one unit, with all its tries. */
  send(session: Session, unit: Unit, sending: SendingUnit): Promise<Sent>;
  /** Tells the service how far it is. Must not throw. */
  report?(session: Session, bytesDone: number): void;
  /** Compares what the service has with what was sent. */
  inspect?(session: Session, sent: readonly Sent[], signal: AbortSignal): Promise<void>;
  /** Makes what was sent what was asked for. */
  finish(session: Session, sent: readonly Sent[], signal: AbortSignal): Promise<Outcome>;
  /** Waits for what the service goes on to do. It is finished by then: a failure abandons nothing. */
  await?(session: Session, outcome: Outcome, act: Act): Promise<Outcome>;
  /**
   * Leaves nothing behind that can be removed; also after a cancellation, so it heeds no signal. Never
   * rejects.
   *
   * @returns the error that tells what failed, and what is left
   */
  abandon(session: Session, failure: ConnectorFailure): Promise<Error>;
}

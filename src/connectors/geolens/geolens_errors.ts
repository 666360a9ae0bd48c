/** Why a file is not sent at all. */
export type FileRefusal = 'name' | 'empty' | 'vrt' | 'extension' | 'too_large' | 'no_dataset_left';

/** A file that this instance would not take; nothing was opened there. */
export class FileNotTaken extends Error {
  readonly reason: FileRefusal;
  readonly fileName: string;
  readonly bytes: number;
  /** What the instance takes. */
  readonly takes: FileBounds;

  constructor(
    reason: FileRefusal,
    { fileName, bytes }: Pick<FileNotTaken, 'fileName' | 'bytes'>,
    takes: FileBounds,
  ) {
    super(`the file is not taken: ${reason}`);
    this.name = 'FileNotTaken';
    this.reason = reason;
    this.fileName = fileName;
    this.bytes = bytes;
    this.takes = takes;
  }
}

export interface FileBounds {
  readonly mostBytes?: number | undefined;
  /** With their dots, in lower case; empty where the instance does not tell. */
  readonly extensions: readonly string[];
}

/** The signed URLs ran out before all was sent, and there is no way to have them anew. */
export class UrlWindowOver extends Error {
  /** How long they could be used, where they say it. */
  readonly windowSeconds: number | undefined;
  /** How long they had yet by storage's own clock, where it refused them before their end. */
  readonly secondsLeft: number | undefined;
  readonly bytesSent: number;
  readonly bytesTotal: number;

  constructor(facts: Omit<UrlWindowOver, keyof Error>) {
    super('the signed URLs ran out');
    this.name = 'UrlWindowOver';
    this.windowSeconds = facts.windowSeconds;
    this.secondsLeft = facts.secondsLeft;
    this.bytesSent = facts.bytesSent;
    this.bytesTotal = facts.bytesTotal;
  }
}

/** The file has several layers, and none of them was named; or one that it has not. */
export class LayerNotChosen extends Error {
  readonly jobId: string;
  readonly layers: readonly string[];
  readonly asked: string | undefined;

  constructor({ jobId, layers, asked }: Pick<LayerNotChosen, 'jobId' | 'layers' | 'asked'>) {
    super(`the file has ${layers.length} layers`);
    this.name = 'LayerNotChosen';
    this.jobId = jobId;
    this.layers = layers;
    this.asked = asked;
  }
}

/** A committed file of which no dataset was made. */
export class ImportFailed extends Error {
  readonly jobId: string;
  /** As the service names it. */
  readonly status: string;
  /** The service's own words. */
  readonly detail: string | undefined;
  /** Whether the service keeps the file, and would try again. */
  readonly canRetry: boolean;

  constructor(facts: Pick<ImportFailed, 'jobId' | 'status' | 'detail' | 'canRetry'>) {
    super(`the import of job ${facts.jobId} ended as ${facts.status}`);
    this.name = 'ImportFailed';
    this.jobId = facts.jobId;
    this.status = facts.status;
    this.detail = facts.detail;
    this.canRetry = facts.canRetry;
  }
}

/** What a table holds in one place. Text of a CSV stays as it came; nested JSON is its text. */
export type Cell = string | number | boolean | null;
export type Row = Readonly<Record<string, Cell>>;

/** The bytes are no table of the kind that they are said to be. */
export class TableUnreadable extends Error {
  override readonly name = 'TableUnreadable';
}

/** A value is not of the type that its column was declared with. */
export class ValueNotCastable extends Error {
  override readonly name = 'ValueNotCastable';
  readonly column: string;
  /** Counted from 1, the header apart. */
  readonly row: number;
  readonly value: string;
  readonly declared: string;

  constructor(place: { column: string; row: number; value: string; declared: string }) {
    super(
      `Column '${place.column}' cannot hold '${place.value}' of row ${place.row} as ${place.declared}.`,
    );
    this.column = place.column;
    this.row = place.row;
    this.value = place.value;
    this.declared = place.declared;
  }
}

/** What makes rows of a text that comes in pieces cut anywhere. */
export interface RowReader {
  /** The columns by a header; undefined if there is none, or none yet. */
  readonly columns: readonly string[] | undefined;
  /** @throws TableUnreadable */
  push(text: string): Row[];
  /** @throws TableUnreadable */
  end(): Row[];
}

/** Records of comma-separated text; a quoted value may hold commas, line ends and doubled quotes. */
export async function* csvRecords(text: AsyncIterable<string>): AsyncGenerator<string[]> {
  const reader = new RecordReader();
  for await (const piece of text) {
    for (const mark of piece) {
      const record = reader.take(mark);
      if (record) yield record;
    }
  }
  const last = reader.end();
  if (last) yield last;
}

/** One record at a time, mark by mark. */
class RecordReader {
  #record: string[] = [];
  #value = '';
  #within: 'plain' | 'quoted' | 'after quote' = 'plain';
  /** A carriage return that is part of a line end, if a line feed follows. */
  #held = '';

  /** Answers the record that ends with this mark, if one does. */
  take(mark: string): string[] | undefined {
    if (this.#within === 'quoted') {
      if (mark === '"') this.#within = 'after quote';
      else this.#value += mark;
      return undefined;
    }
    if (this.#within === 'after quote' && mark === '"') {
      this.#within = 'quoted';
      this.#value += mark;
      return undefined;
    }
    if (mark === '\n') return this.end();
    this.#takePlain(mark);
    return undefined;
  }

  /** What was taken since the last record, as one; nothing for an empty line. */
  end(): string[] | undefined {
    this.#held = '';
    this.#endValue();
    const record = this.#record;
    this.#record = [];
    return record.length > 1 || record[0] !== '' ? record : undefined;
  }

  #takePlain(mark: string): void {
    this.#value += this.#held;
    this.#held = '';
    if (mark === ',') this.#endValue();
    else if (mark === '\r') this.#held = mark;
    else if (mark === '"' && this.#value === '' && this.#within === 'plain')
      this.#within = 'quoted';
    else this.#value += mark;
  }

  #endValue(): void {
    this.#record.push(this.#value);
    this.#value = '';
    this.#within = 'plain';
  }
}

import { z } from 'zod';
import { type Cell, type Row, type RowReader, TableUnreadable } from './cells.ts';

const objectSchema = z.record(z.unknown());

/** Reads one JSON object a line; blank lines are passed over. */
export class NdjsonReader implements RowReader {
  readonly columns = undefined;
  #rest = '';
  #line = 0;

  push(text: string): Row[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.flatMap((line) => this.#rowOf(line));
  }

  end(): Row[] {
    return this.#rowOf(this.#rest);
  }

  #rowOf(line: string): Row[] {
    this.#line += 1;
    if (line.trim() === '') return [];
    const parsed = objectSchema.safeParse(this.#json(line));
    if (!parsed.success) throw new TableUnreadable(`Line ${this.#line} is no JSON object.`);
    const cells = Object.entries(parsed.data).map(([name, value]) => [name, cellOf(value)]);
    return [Object.fromEntries(cells)];
  }

  #json(line: string): unknown {
    try {
      return JSON.parse(line);
    } catch (cause) {
      throw new TableUnreadable(`Line ${this.#line} is no JSON.`, { cause });
    }
  }
}

function cellOf(value: unknown): Cell {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  return value === null || value === undefined ? null : JSON.stringify(value);
}

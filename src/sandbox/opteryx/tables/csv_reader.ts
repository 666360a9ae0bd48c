import { type Row, type RowReader, TableUnreadable } from './cells.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Where in a field the text is: at its first character, within it, within quotes, behind them. */
type Place = 'first' | 'plain' | 'quoted' | 'closed';

/** Reads RFC 4180: a header, quoted fields with newlines, lines that end in LF or CRLF. */
export class CsvReader implements RowReader {
  #columns: readonly string[] | undefined;
  #place: Place = 'first';
  #field = '';
  #fields: string[] = [];
  #wasQuoted = false;
  #records = 0;

  get columns(): readonly string[] | undefined {
    return this.#columns;
  }

  push(text: string): Row[] {
    const rows: Row[] = [];
    let from = 0;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (this.#place === 'first') {
        from = at;
        this.#place = 'plain';
        if (code === QUOTE) {
          this.#place = 'quoted';
          this.#wasQuoted = true;
          from = at + 1;
          continue;
        }
      }
      if (this.#place === 'quoted') {
        if (code !== QUOTE) continue;
        this.#field += text.slice(from, at);
        this.#place = 'closed';
      } else if (this.#place === 'closed') {
        from = at + 1;
        if (code === QUOTE) {
          this.#field += '"';
          this.#place = 'quoted';
        } else if (code === COMMA) this.#endField();
        else if (code === NEWLINE) this.#endRecord(rows);
        else if (code !== RETURN) throw this.#unreadable('has text behind a closing quote');
      } else if (code === COMMA || code === NEWLINE) {
        this.#field += text.slice(from, at);
        if (code === COMMA) this.#endField();
        else this.#endRecord(rows);
      }
    }
    if (this.#place === 'plain' || this.#place === 'quoted') this.#field += text.slice(from);
    return rows;
  }

  end(): Row[] {
    const rows: Row[] = [];
    if (this.#place === 'quoted') throw this.#unreadable('ends within quotes');
    if (this.#place !== 'first' || this.#fields.length > 0) this.#endRecord(rows);
    if (this.#columns === undefined) throw new TableUnreadable('The CSV has no header.');
    return rows;
  }

  #endField(): void {
    this.#fields.push(this.#field);
    this.#field = '';
    this.#place = 'first';
  }

  #endRecord(rows: Row[]): void {
    if (!this.#wasQuoted && this.#field.endsWith('\r')) this.#field = this.#field.slice(0, -1);
    this.#endField();
    const fields = this.#fields;
    const blank = fields.length === 1 && fields[0] === '' && !this.#wasQuoted;
    this.#fields = [];
    this.#wasQuoted = false;
    if (blank) return;
    this.#records += 1;
    if (this.#columns === undefined) this.#columns = this.#headerOf(fields);
    else rows.push(this.#rowOf(this.#columns, fields));
  }

  #headerOf(names: readonly string[]): readonly string[] {
    if (names.some((name) => name === '')) throw this.#unreadable('has a column without a name');
    if (new Set(names).size < names.length) throw this.#unreadable('names a column twice');
    return names;
  }

  #rowOf(columns: readonly string[], fields: readonly string[]): Row {
    if (fields.length !== columns.length) {
      throw this.#unreadable(`has ${fields.length} fields where ${columns.length} are`);
    }
    return Object.fromEntries(columns.map((name, index) => [name, fields[index] ?? '']));
  }

  #unreadable(what: string): TableUnreadable {
    return new TableUnreadable(`Record ${this.#records + 1} of the CSV ${what}.`);
  }
}

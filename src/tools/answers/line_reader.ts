import { plainText } from '../../geopera/plain_text.ts';
import { beyondBounds } from '../../json_bounds.ts';
import { type Facts, RESULTS } from './answer_facts.ts';
import { type AnswerNote, noted } from './answer_note.ts';
import { jsonBytes, MOST_BYTES } from './json_size.ts';
import { type LeftOut, shrink } from './left_out.ts';
import { leftOutNote, leftOutRoom } from './left_out_note.ts';
import { type NextCall, nextCall } from './next_call.ts';
import { mayAskAgain, type OperationCall } from './operation_call.ts';
import { saveWords } from './save_words.ts';

/** A stream is read no further than this, also for lines that are passed over. */
const MOST_STREAM_BYTES = 32 * 1024 * 1024;
/** The longest line has no more values than bytes, so depth alone decides. */
const LINE_BOUNDS = { depth: 200, values: Number.POSITIVE_INFINITY };
const MOST_BROKEN_BYTES = 1_500;
/** Room for the numbers and words of a note. */
const SPARE_BYTES = 500;

/** How a stream ended: by itself, or because that was enough. */
type Ending = 'whole' | 'full' | 'long' | 'broken off';

const ENDING_WORDS: Readonly<Record<Ending, string | undefined>> = {
  whole: undefined,
  full: undefined,
  long: 'The stream is longer than this server reads.',
  'broken off': 'The stream broke off or took too long; these lines came before.',
};

interface BrokenLine {
  readonly line: number;
  readonly says: string;
}

/** Makes records of lines, until there is no more room for them. Blank lines count for nothing. */
export class LineReader {
  readonly records: unknown[] = [];
  ending: Ending = 'whole';
  readonly #asked: OperationCall;
  readonly #skip: number;
  readonly #wanted: 'all that fit' | 'one line';
  readonly #broken: BrokenLine[] = [];
  #leftOut: readonly LeftOut[] = [];
  #passed = 0;
  #seen = 0;
  #bytes = 0;
  #room: number;
  #brokenRoom = MOST_BROKEN_BYTES;

  constructor(
    asked: OperationCall,
    skip: number,
    wanted: 'all that fit' | 'one line' = 'all that fit',
  ) {
    this.#asked = asked;
    this.#skip = skip;
    this.#wanted = wanted;
    const beside = jsonBytes(noted(this.#note(), { [RESULTS]: [] }));
    const next = jsonBytes(nextCall(asked, { skip: 1 }));
    this.#room = MOST_BYTES - beside - next - MOST_BROKEN_BYTES - SPARE_BYTES;
  }

  /** Lines that came, also those passed over. */
  get heard(): number {
    return this.#passed + this.#seen;
  }

  /**
   * @param line undefined for one that was too long to be kept
   * @returns false when no other is wanted
   */
  take(line: string | undefined): boolean {
    if (line?.trim() === '') return true;
    if (this.#passed < this.#skip) {
      this.#passed += 1;
      return true;
    }
    const read = readLine(line);
    const taken = 'fault' in read ? this.#fault(read.fault) : this.#record(read.record);
    if (!taken) this.ending = 'full';
    return taken;
  }

  /** Whether to read on after so many more bytes. */
  goesOn(bytes: number): boolean {
    this.#bytes += bytes;
    if (this.#bytes <= MOST_STREAM_BYTES) return true;
    this.ending = 'long';
    return false;
  }

  /** The records, how many lines they are of, and the call for those after them. */
  facts(): Facts {
    return noted(this.#note(), { [RESULTS]: this.records });
  }

  #record(record: unknown): boolean {
    if (this.#wanted === 'one line') {
      this.records.push(record);
      return false;
    }
    const bytes = jsonBytes(record) + 1;
    if (bytes <= this.#room) {
      this.records.push(record);
      this.#room -= bytes;
      this.#seen += 1;
      return true;
    }
    if (this.#seen === 0) this.#shrunk(record);
    return false;
  }

  /** A line that is too long for an answer of its own. */
  #shrunk(record: unknown): void {
    const place = [RESULTS, String(this.#skip)];
    const { value, leftOut } = shrink(record, this.#room - leftOutRoom(this.#asked), place);
    this.records.push(value);
    this.#leftOut = leftOut;
    this.#seen += 1;
  }

  #fault(says: string): boolean {
    const broken = { line: this.#skip + this.#seen, says };
    this.#brokenRoom -= jsonBytes(broken) + 1;
    if (this.#brokenRoom < 0) return false;
    this.#broken.push(broken);
    this.#seen += 1;
    return this.#wanted === 'all that fit';
  }

  #note(): AnswerNote {
    const { ending } = this;
    const asked = this.#asked;
    const end = this.#skip + this.#seen;
    const isWhole = ending === 'whole';
    const all = isWhole ? { of: this.heard } : {};
    const count = this.records.length;
    const says = isWhole ? `${count} of ${this.heard} lines` : `${count} lines; more may follow`;
    const shown = { from: this.#passed, count, ...all, says };
    const goesOn = !isWhole && this.#seen > 0 && mayAskAgain(asked);
    const next = goesOn ? nextCall(asked, { skip: end }) : undefined;
    return {
      shown: isWhole && this.#passed === 0 ? undefined : shown,
      next,
      broken_lines: this.#broken.length > 0 ? this.#broken : undefined,
      ...leftOutNote(this.#leftOut, asked),
      ...this.#endingNote(next),
    };
  }

  /** Why there is no more, and how all of it is had where to ask on will not do. */
  #endingNote(next: NextCall | undefined): Pick<AnswerNote, 'says'> {
    const words = ENDING_WORDS[this.ending];
    if (this.ending === 'whole' || (words === undefined && next !== undefined)) return {};
    return { says: [...(words === undefined ? [] : [words]), saveWords(this.#asked)].join(' ') };
  }
}

function readLine(line: string | undefined): { record: unknown } | { fault: string } {
  if (line === undefined) return { fault: 'longer than 1 MiB' };
  const isTooDeep = beyondBounds(Buffer.from(line), LINE_BOUNDS) !== undefined;
  if (isTooDeep) return { fault: 'nested too deeply' };
  try {
    // The first may begin with a byte order mark, which counts as a blank.
    return { record: JSON.parse(line.trim()) };
  } catch {
    return { fault: `not JSON: ${plainText(line, 60)}` };
  }
}

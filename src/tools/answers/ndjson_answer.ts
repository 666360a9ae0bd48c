import { GeoperaError } from '../../geopera/geopera_error.ts';
import type { ToolAnswer } from '../tool.ts';
import { RESULTS } from './answer_facts.ts';
import { badView } from './bad_view.ts';
import { answered, jsonAnswer } from './json_answer.ts';
import { LineReader } from './line_reader.ts';
import { Lines } from './lines.ts';
import type { OperationCall } from './operation_call.ts';
import { readBody, type SentBody } from './read_body.ts';

const MOST_LINE_BYTES = 1024 * 1024;
const LINE_PART = /^results\.(\d{1,9})(?:\.|$)/;

/** NDJSON as a list: as many whole lines as fit. Reading stops where there is no more room. */
export async function ndjsonAnswer(body: SentBody, asked: OperationCall): Promise<ToolAnswer> {
  const { part, skip } = asked.view;
  if (part === undefined) {
    const reader = new LineReader(asked, skip);
    await readLines(body, asked, reader);
    return answered(reader.facts(), asked);
  }
  const line = Number(LINE_PART.exec(part)?.[1] ?? Number.NaN);
  if (Number.isNaN(line)) {
    body.discard();
    throw badView(asked, 'part: of an answer in lines, name one, e.g. results.0.geometry');
  }
  const reader = new LineReader(asked, line, 'one line');
  await readLines(body, asked, reader);
  const [record] = reader.records;
  return jsonAnswer({ [RESULTS]: record === undefined ? {} : { [line]: record } }, asked);
}

async function readLines(body: SentBody, asked: OperationCall, reader: LineReader): Promise<void> {
  const lines = new Lines(MOST_LINE_BYTES);
  try {
    await readBody(body, asked, (chunk) => {
      for (const line of lines.push(chunk)) if (!reader.take(line)) return false;
      return reader.goesOn(chunk.byteLength);
    });
    if (reader.ending === 'whole') reader.take(lines.rest());
  } catch (failure) {
    if (!(failure instanceof GeoperaError) || reader.heard === 0) throw failure;
    reader.ending = 'broken off';
  }
}

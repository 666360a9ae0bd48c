/** Records of comma-separated text; a quoted value may hold commas, line ends and doubled quotes. */
export async function* csvRecords(text: AsyncIterable<string>): AsyncGenerator<string[]> {
  let record: string[] = [];
  let value = '';
  let quoted = false;
  let quoteSeen = false;
  for await (const piece of text) {
    for (const mark of piece) {
      if (quoteSeen) {
        quoteSeen = false;
        if (mark === '"') {
          value += mark;
          continue;
        }
        quoted = false;
      }
      if (quoted) {
        if (mark === '"') quoteSeen = true;
        else value += mark;
      } else if (mark === '"' && value === '') {
        quoted = true;
      } else if (mark === ',') {
        record.push(value);
        value = '';
      } else if (mark === '\n') {
        record.push(value.replace(/\r$/, ''));
        if (record.length > 1 || record[0] !== '') yield record;
        record = [];
        value = '';
      } else {
        value += mark;
      }
    }
  }
  if (value !== '' || record.length > 0) yield [...record, value];
}

/**
 * A plain reader of CSV, one character at a time: the oracle, which shares nothing with what it judges.
 * Fields keep their quotes away, blank lines are no rows.
 */
export function csvRows(text: string, delimiter = ','): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted: 'no' | 'inside' | 'after' = 'no';
  let isFresh = true;
  const endField = () => {
    row.push(field);
    field = '';
    quoted = 'no';
    isFresh = true;
  };
  const endRow = () => {
    const isBlank = row.length === 0 && isFresh;
    if (!isBlank) {
      endField();
      rows.push(row);
    }
    row = [];
  };
  const characters = [...text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n')];
  for (const [at, character] of characters.entries()) {
    if (quoted === 'inside' && character !== '"') field += character;
    else if (quoted === 'inside' && characters[at + 1] === '"') quoted = 'after';
    else if (quoted === 'inside') quoted = 'no';
    else if (quoted === 'after') {
      field += '"';
      quoted = 'inside';
    } else if (character === '"' && isFresh) {
      quoted = 'inside';
      isFresh = false;
    } else if (character === delimiter) endField();
    else if (character === '\n') endRow();
    else {
      field += character;
      isFresh = false;
    }
  }
  if (field !== '' || row.length > 0 || !isFresh) endRow();
  return rows;
}

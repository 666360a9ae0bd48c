import { ThriftMalformed, ThriftReader, type ThriftStruct } from './thrift_compact.ts';

// Field numbers of parquet's FileMetaData and SchemaElement, by parquet-format's parquet.thrift.
const FILE = { schema: 2, rows: 3 } as const;
const ELEMENT = { type: 1, name: 4, children: 5, converted: 6 } as const;

const PHYSICAL = ['BOOLEAN', 'INT64', 'INT64', 'TIMESTAMP', 'FLOAT64', 'FLOAT64', 'VARCHAR'];
const CONVERTED: Readonly<Record<number, string>> = {
  0: 'VARCHAR',
  6: 'DATE',
  9: 'TIMESTAMP',
  10: 'TIMESTAMP',
};

interface ParquetFacts {
  readonly rows: number;
  /** Top columns only; a nested one is told as VARCHAR. */
  readonly columns: ReadonlyMap<string, string>;
}

/** What a footer says; undefined if it is not one that this can read. */
export function readParquetFooter(footer: Buffer): ParquetFacts | undefined {
  try {
    return factsOf(new ThriftReader(footer).struct());
  } catch (error) {
    if (error instanceof ThriftMalformed) return undefined;
    throw error;
  }
}

function factsOf(file: ThriftStruct): ParquetFacts | undefined {
  const schema = file.get(FILE.schema);
  const rows = file.get(FILE.rows);
  if (!Array.isArray(schema) || typeof rows !== 'bigint') return undefined;
  const elements: ThriftStruct[] = schema.filter((element) => element instanceof Map);
  const columns = new Map<string, string>();
  let next = 1;
  while (next < elements.length) {
    const element = elements[next];
    const name = element?.get(ELEMENT.name);
    if (element === undefined || !Buffer.isBuffer(name)) return undefined;
    columns.set(name.toString('utf8'), typeOf(element));
    next = endOf(elements, next);
  }
  return columns.size === 0 ? undefined : { rows: Number(rows), columns };
}

/** The first element behind this one and all below it; the tree is told parents first. */
function endOf(elements: readonly ThriftStruct[], at: number): number {
  let open = 1;
  let next = at;
  while (open > 0 && next < elements.length) {
    open += Number(elements[next]?.get(ELEMENT.children) ?? 0) - 1;
    next += 1;
  }
  return next;
}

function typeOf(element: ThriftStruct): string {
  const converted = CONVERTED[Number(element.get(ELEMENT.converted) ?? -1)];
  return converted ?? PHYSICAL[Number(element.get(ELEMENT.type) ?? -1)] ?? 'VARCHAR';
}

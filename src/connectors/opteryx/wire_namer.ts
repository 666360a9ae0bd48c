import { fileNameHeader } from './file_name_header.ts';

/**
 * Gives the files of one contract the names that they go by at the service. A contract knows its files by
 * name, so no two are alike; endings stay, which tell the format.
 */
export function wireNamer(): (fileName: string) => string {
  const taken = new Set<string>();
  return (fileName) => {
    const plain = fileNameHeader(fileName);
    let name = plain;
    for (let n = 2; taken.has(name); n += 1) name = `${n}-${plain}`;
    taken.add(name);
    return name;
  };
}

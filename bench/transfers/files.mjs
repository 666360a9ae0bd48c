import { randomFillSync } from 'node:crypto';
import { mkdir, open, readdir, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const PIECE = 4 * 2 ** 20;

/** A file of random bytes: nothing on the way can make it smaller. */
export async function makeRandomFile(path, bytes, signal) {
  const file = await open(path, 'wx');
  try {
    const piece = Buffer.alloc(PIECE);
    for (let left = bytes; left > 0; left -= PIECE) {
      signal.throwIfAborted();
      await file.write(randomFillSync(piece), 0, Math.min(PIECE, left));
    }
  } finally {
    await file.close();
  }
}

/** A file of zeros that takes no room: where only memory is measured. */
export async function makeSparseFile(path, bytes) {
  const file = await open(path, 'wx');
  await file.truncate(bytes);
  await file.close();
}

/** A folder of small random files. */
export async function makeRandomFiles(folder, count, bytes) {
  await mkdir(folder);
  for (let at = 0; at < count; at++) {
    const name = `tile_${String(at).padStart(4, '0')}.tif`;
    await writeFile(join(folder, name), randomFillSync(Buffer.alloc(bytes)));
  }
}

/** A list for curl's `--config`: every file of a folder, and the URL that it goes to. */
export async function writeUploadList(path, folder, url) {
  const names = await readdir(folder);
  const lines = names.map(
    (name) => `upload-file = "${join(folder, name)}"\nurl = "${url}/${name}"\n`,
  );
  await writeFile(path, lines.join(''));
}

/** @throws if two files do not hold the same bytes */
export async function assertSameBytes(expected, path) {
  const [a, b] = [await open(expected), await open(path)];
  try {
    const [left, right] = [Buffer.alloc(PIECE), Buffer.alloc(PIECE)];
    for (;;) {
      const { bytesRead } = await a.read(left, 0, PIECE, null);
      const { bytesRead: others } = await b.read(right, 0, PIECE, null);
      if (bytesRead !== others || Buffer.compare(left, right) !== 0) {
        throw new Error(`${path} is not what was sent`);
      }
      if (bytesRead === 0) return;
    }
  } finally {
    await a.close();
    await b.close();
  }
}

/** @throws if a file has another length */
export async function assertLength(path, bytes) {
  const { size } = await stat(path);
  if (size !== bytes) throw new Error(`${path} has ${size} bytes instead of ${bytes}`);
}

/** @throws unless the folder holds the files of the other, all of the same bytes */
export async function assertSameFiles(expected, folder) {
  const names = await readdir(expected);
  const found = await readdir(folder);
  if (found.length !== names.length) {
    throw new Error(`${folder} has ${found.length} files instead of ${names.length}`);
  }
  for (const name of names) await assertSameBytes(join(expected, name), join(folder, name));
}

/** Free bytes of the file system that a folder is on. */
export async function roomIn(folder) {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

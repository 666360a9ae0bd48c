import { join } from 'node:path';
import { assertLength, assertSameBytes, assertSameFiles } from './files.mjs';

export const TILE_BYTES = 256 * 2 ** 10;
const OURS = 'geopera-mcp';

// Each peer with what makes it lean, and without the user's own configuration.
const curl = (stage, ...args) => [
  ...['curl', '-q', '--silent', '--show-error', '--fail', '--cacert', stage.server.certificate],
  ...args,
];

const aria2 = (stage, target, url, ...more) => [
  ...['aria2c', '--no-conf', '--quiet', '-x8', '-s8', '--file-allocation=none', ...more],
  ...[`--ca-certificate=${stage.server.certificate}`, `--dir=${stage.folder}`, `--out=${target}`],
  url,
];

const rclone = (stage, folder) => [
  ...['rclone', 'copy', stage.tiles, `:webdav:${folder}`, '--config=', '--quiet'],
  ...['--transfers=8', '--no-traverse', '--no-check-dest', '--retries=1'],
  ...[`--webdav-url=${stage.server.url}/stored`, '--webdav-vendor=other'],
  `--ca-cert=${stage.server.certificate}`,
];

/** Beside rclone, whose WebDAV calls come some 11 ms apart with the CPU idle: curl, not held back. */
const curlParallel = (stage) =>
  curl(stage, '--parallel', '--parallel-max', '8', '--config', stage.uploadList);

/** A subject of ours: the transfer library in a Node process. */
function ours(stage, name, args, mover = stage.mover) {
  return {
    name,
    command: [process.execPath, mover, ...args],
    env: { NODE_EXTRA_CA_CERTS: stage.server.certificate },
  };
}

/** Subjects that put the large file, or bring it, with the check that it arrived. */
function movingScene(stage, result, subjects) {
  return subjects.map((subject) => ({
    ...subject,
    result,
    check: (whole) =>
      whole ? assertSameBytes(stage.scene, result) : assertLength(result, stage.sceneBytes),
  }));
}

const uploading = (stage, subjects) =>
  movingScene(stage, join(stage.folder, 'stored/scene.tif'), subjects);
const downloading = (stage, subjects) =>
  movingScene(stage, join(stage.folder, 'scene.tif'), subjects);

const sceneUrl = (stage, origin = stage.server.url) => `${origin}/scene.tif`;
const storedUrl = (stage, origin = stage.server.url) => `${origin}/stored/scene.tif`;
const target = (stage) => join(stage.folder, 'scene.tif');

const uploadBesideCurl = (title, originOf) => ({
  title,
  bytes: (stage) => stage.sceneBytes,
  compared: [{ ours: OURS, peer: 'curl -T', atLeast: 1 }],
  subjects(stage) {
    const url = storedUrl(stage, originOf(stage.server));
    return uploading(stage, [
      ours(stage, OURS, ['upload', url, stage.scene]),
      { name: 'curl -T', command: curl(stage, '-T', stage.scene, url) },
    ]);
  },
});

const downloadBesideCurl = (title, originOf) => ({
  title,
  bytes: (stage) => stage.sceneBytes,
  compared: [{ ours: OURS, peer: 'curl -o', atLeast: 1 }],
  subjects(stage) {
    const url = sceneUrl(stage, originOf(stage.server));
    return downloading(stage, [
      ours(stage, OURS, ['download', url, target(stage)]),
      { name: 'curl -o', command: curl(stage, '-o', target(stage), url) },
    ]);
  },
});

/**
 * What is measured, as data. `subjects` run in turns; `compared` names which is held against which,
 * and the least ratio of their speeds that is aimed at, if any.
 */
export const WORKS = {
  upload: uploadBesideCurl('upload of one file', ({ url }) => url),
  'upload, own cipher': uploadBesideCurl(
    'upload, each with its own cipher',
    ({ ownCipherUrl }) => ownCipherUrl,
  ),
  download: downloadBesideCurl('download of one file', ({ url }) => url),
  'download, own cipher': downloadBesideCurl(
    'download, each with its own cipher',
    ({ ownCipherUrl }) => ownCipherUrl,
  ),
  paced: {
    title: 'download, 20 MiB/s a connection',
    bytes: (stage) => stage.sceneBytes,
    compared: [
      { ours: OURS, peer: 'curl -o', atLeast: 7.5 },
      { ours: OURS, peer: 'aria2c -x8 -s8', atLeast: 0.95 },
      { ours: OURS, peer: 'aria2c -x8 -s8, tuned', atLeast: 0.95 },
    ],
    subjects(stage) {
      const url = sceneUrl(stage, stage.server.pacedUrl);
      return downloading(stage, [
        ours(stage, OURS, ['download', url, target(stage)]),
        { name: 'aria2c -x8 -s8', command: aria2(stage, 'scene.tif', url) },
        {
          name: 'aria2c -x8 -s8, tuned',
          command: aria2(stage, 'scene.tif', url, '-k1M', '--disk-cache=64M', '--async-dns=false'),
        },
        { name: 'curl -o', command: curl(stage, '-o', target(stage), url) },
      ]);
    },
  },
  session: {
    title: 'session of small files',
    bytes: (stage) => stage.tileCount * TILE_BYTES,
    compared: [
      { ours: OURS, peer: 'rclone copy --transfers 8', atLeast: 1 },
      { ours: OURS, peer: 'curl --parallel-max 8' },
    ],
    subjects(stage) {
      const result = join(stage.folder, 'stored/session');
      const url = `${stage.server.url}/stored/session`;
      return [
        ours(stage, OURS, ['session', url, stage.tiles, stage.parallelFiles]),
        { name: 'rclone copy --transfers 8', command: rclone(stage, 'session') },
        { name: 'curl --parallel-max 8', command: curlParallel(stage) },
      ].map((subject) => ({
        ...subject,
        result,
        check: () => assertSameFiles(stage.tiles, result),
      }));
    },
  },
  'checksums, upload': {
    title: 'checksum of an upload',
    bytes: (stage) => stage.sceneBytes,
    compared: [{ ours: OURS, peer: 'without CRC-32C', atLeast: 0.9 }],
    subjects(stage) {
      const args = ['upload', storedUrl(stage), stage.scene];
      return uploading(stage, [
        ours(stage, OURS, args),
        ours(stage, 'without CRC-32C', args, stage.moverWithoutChecksums),
      ]);
    },
  },
  'checksums, download': {
    title: 'checksum of a download',
    bytes: (stage) => stage.sceneBytes,
    compared: [{ ours: OURS, peer: 'without CRC-32C', atLeast: 0.9 }],
    subjects(stage) {
      const args = ['download', sceneUrl(stage), target(stage)];
      return downloading(stage, [
        ours(stage, OURS, args),
        ours(stage, 'without CRC-32C', args, stage.moverWithoutChecksums),
      ]);
    },
  },
};

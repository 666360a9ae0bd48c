import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../free_port.mjs';
import { readCpuSeconds } from '../process_figures.mjs';
import { NGINX_MODULES } from './peers.mjs';

const run = promisify(execFile);

/** MiB/s that the paced port gives each connection. */
const PACE_MIB = 20;

async function makeCertificate(folder) {
  const certificate = join(folder, 'certificate.pem');
  const key = join(folder, 'key.pem');
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
    ...['-days', '2', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-keyout', key, '-out', certificate],
  ]);
  return { certificate, key };
}

// One cipher for all on the one port, since left to themselves some take AES-128 and some AES-256; on
// the other each has the one that it asks for first.
// The rate is set in the `stream` part, which counts by connection; `limit_rate` of the `http` part
// begins anew with each request, which would favour many small ranges.
function configuration({ folder, certificate, key, port, pacedPort, ownCipherPort }) {
  const { uid, username } = userInfo();
  const site = `
    ssl_certificate ${certificate};
    ssl_certificate_key ${key};
    ssl_protocols TLSv1.2 TLSv1.3;
    location / { root ${folder}/www; }
    location /stored/ {
      root ${folder};
      dav_methods PUT DELETE MKCOL COPY MOVE;
      dav_ext_methods PROPFIND OPTIONS;
      create_full_put_path on;
    }`;
  return `
${Object.values(NGINX_MODULES)
  .map((path) => `load_module ${path};`)
  .join('\n')}
${uid === 0 ? `user ${username};` : ''}
worker_processes 1;
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/nginx.log warn;
events { worker_connections 512; }
stream {
  server {
    listen 127.0.0.1:${pacedPort};
    proxy_pass 127.0.0.1:${port};
    proxy_buffer_size 64k;
    proxy_download_rate ${PACE_MIB}m;
  }
}
http {
  access_log off;
  sendfile on;
  keepalive_requests 100000;
  client_max_body_size 0;
  client_body_temp_path ${folder}/temporary/body;
  proxy_temp_path ${folder}/temporary/proxy;
  fastcgi_temp_path ${folder}/temporary/fastcgi;
  uwsgi_temp_path ${folder}/temporary/uwsgi;
  scgi_temp_path ${folder}/temporary/scgi;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_ciphers ECDHE-ECDSA-AES256-GCM-SHA384;
    ssl_conf_command Ciphersuites TLS_AES_256_GCM_SHA384;${site}
  }
  server {
    listen 127.0.0.1:${ownCipherPort} ssl;${site}
  }
}
`;
}

async function isListening(port) {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    if (error.code === 'ECONNREFUSED') return false;
    throw error;
  } finally {
    socket.destroy();
  }
}

/** The master listens before it has a worker. */
async function workerOf(master) {
  for (;;) {
    const children = await readFile(`/proc/${master}/task/${master}/children`, 'utf8');
    const [worker] = children.trim().split(' ');
    if (worker !== '') return Number(worker);
    await setTimeout(20);
  }
}

/**
 * Starts an nginx of its own: TLS on loopback, one worker, everything under one folder.
 *
 * @param {string} folder serves `www` at `/`, keeps what is put under `/stored/`
 */
export async function startNginx(folder) {
  for (const name of ['www', 'stored', 'temporary']) await mkdir(join(folder, name));
  const { certificate, key } = await makeCertificate(folder);
  const [port, pacedPort, ownCipherPort] = [await freePort(), await freePort(), await freePort()];
  const config = join(folder, 'nginx.conf');
  await writeFile(
    config,
    configuration({ folder, certificate, key, port, pacedPort, ownCipherPort }),
  );

  // Of its own process group: Ctrl-C is for the bench, which then stops it.
  const child = spawn('nginx', ['-e', join(folder, 'nginx.log'), '-c', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const exited = once(child, 'exit');
  while (!((await isListening(port)) && (await isListening(pacedPort)))) {
    if (child.exitCode !== null) throw new Error(`nginx did not start:\n${said}`);
    await setTimeout(20);
  }
  const worker = await workerOf(child.pid);
  return {
    folder,
    certificate,
    url: `https://127.0.0.1:${port}`,
    pacedUrl: `https://127.0.0.1:${pacedPort}`,
    /** Where each client has the cipher that it asks for first. */
    ownCipherUrl: `https://127.0.0.1:${ownCipherPort}`,
    /** CPU seconds of the worker so far. */
    cpuSeconds: () => readCpuSeconds(worker),
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

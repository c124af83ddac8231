/** Starts the real binary for a test, on a free port and with a data folder of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const startLimit = 30_000;

/**
 * @typedef {object} Server
 * @property {string} url without a trailing slash
 * @property {() => Promise<void>} stop ends the process and removes its data
 */

/** @returns {Promise<Server>} */
export async function startServer() {
  const binary = process.env.CRAGBASE_BIN;
  if (!binary) throw new Error('CRAGBASE_BIN must name the binary under test');
  const dir = await mkdtemp(join(tmpdir(), 'cragbase-web-'));
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(binary, ['serve', '--http', address, '--dir', join(dir, 'data')], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const url = `http://${address}`;
  try {
    await ready(url, child);
  } catch (error) {
    child.kill();
    throw new Error(`the server did not start: ${output}`, { cause: error });
  }
  return {
    url,
    async stop() {
      const gone = once(child, 'exit');
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        await gone;
      }
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/**
 * @param {string} url
 * @param {import('node:child_process').ChildProcess} child
 */
async function ready(url, child) {
  const end = Date.now() + startLimit;
  while (Date.now() < end && child.exitCode === null) {
    const answer = await fetch(`${url}/api/health`).catch(() => null);
    if (answer?.ok) return;
    await pause(50);
  }
  throw new Error(`no answer within ${startLimit} ms`);
}

/** @returns {Promise<number>} */
async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

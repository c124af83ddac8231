/** Starts the real binary for a test, on a free port and with a data folder of its own. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const startLimit = 30_000;

/** The administrator of a server that is started with one. */
export const admin = { email: 'admin@example.com', password: 'granite teapot weekday 4' };

/**
 * @typedef {object} Server
 * @property {string} url without a trailing slash
 * @property {() => Promise<void>} stop ends the process and removes its data
 */

/**
 * @typedef {object} Options
 * @property {number} [smtpPort] where mails go to, on this machine
 * @property {boolean} [withAdmin] whether `admin` may log in
 * @property {boolean} [demo] with the demo's climbers, and payments that go to the sandbox
 * @property {string} [sites] where linked profiles are read from instead of the sites themselves; without it, they are not read
 */

/**
 * @param {Options} [options]
 * @returns {Promise<Server>}
 */
export async function startServer({ smtpPort, withAdmin, demo, sites } = {}) {
  const binary = process.env.CRAGBASE_BIN;
  if (!binary) throw new Error('CRAGBASE_BIN must name the binary under test');
  const dir = await mkdtemp(join(tmpdir(), 'cragbase-web-'));
  const data = ['--dir', join(dir, 'data')];
  if (withAdmin) await promisify(execFile)(binary, ['superuser', 'upsert', admin.email, admin.password, ...data]);
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const env = { ...process.env, ...siteSettings(sites), ...(smtpPort && mailSettings(smtpPort, url)) };
  const child = spawn(binary, ['serve', '--http', address, ...data, ...(demo ? ['--demo'] : [])], { stdio: ['ignore', 'pipe', 'pipe'], env });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
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
 * The environment of a server that sends its mails to a port on this machine.
 * @param {number} smtpPort
 * @param {string} url of the server, for links
 */
function mailSettings(smtpPort, url) {
  return { SMTP_HOST: '127.0.0.1', SMTP_PORT: String(smtpPort), SMTP_TLS: 'false', MAIL_FROM: 'Cragbase <mail@example.com>', CRAGBASE_URL: url };
}

/** The environment of a server that reads linked profiles on this machine or not at all. @param {string | undefined} sites */
function siteSettings(sites) {
  return sites ? { MOUNTAIN_PROJECT_BASE_URL: sites, EIGHT_A_BASE_URL: sites } : { SYNC_SOURCES: 'none' };
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

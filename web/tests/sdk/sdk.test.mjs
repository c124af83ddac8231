/** The PocketBase SDK from Node against the real server: what a third party's program would do. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { EventSource } from 'eventsource';
import PocketBase, { getTokenPayload } from 'pocketbase';
import { longExport } from '../exports.mjs';
import { startServer } from '../server.mjs';
import { errorOf } from './errors.mjs';

// Node has none, and without it the SDK's realtime dies in an error that nobody can catch.
Object.assign(globalThis, { EventSource });

const account = { username: 'sdk.climber', email: 'sdk.climber@example.com', password: 'quartz otter lantern 9', passwordConfirm: 'quartz otter lantern 9' };

/** @type {import('../server.mjs').Server} */ let server;
/** @type {PocketBase} */ let pb;

before(async () => {
  server = await startServer();
  pb = new PocketBase(server.url);
});

after(async () => {
  await pb?.realtime.unsubscribe();
  await server?.stop();
});

/**
 * @param {string} content of a file
 * @param {{ as?: PocketBase, fetch?: typeof fetch }} [options]
 */
function send(content, { as = pb, fetch } = {}) {
  const body = new FormData();
  body.set('file', new Blob([content], { type: 'text/csv' }), 'ticks.csv');
  body.set('source', 'mountain_project');
  body.set('mode', 'merge');
  return as.send('/v1/users/me/ticks/import', { method: 'POST', body, requestKey: null, ...(fetch && { fetch }) });
}

/** @param {string} name of a fixture */
async function upload(name) {
  return send(await readFile(new URL(`../fixtures/${name}`, import.meta.url), 'utf8'));
}

test('signing up and logging in by e-mail and by username', async () => {
  await pb.collection('users').create(account);
  for (const identity of [account.email, account.username]) {
    const { record } = await pb.collection('users').authWithPassword(identity, account.password);
    assert.equal(record.username, account.username);
  }
  await pb.collection('users').authRefresh();
  assert.equal(pb.authStore.isValid, true);
});

test('the profile', async () => {
  const me = await pb.send('/v1/users/me', {});
  assert.equal(me.id, pb.authStore.record?.id);
  assert.equal(me.username, account.username);
  assert.deepEqual([me.tier, me.payment_status, me.is_active], ['free', 'inactive', true]);
});

test('realtime tells the owner of an import', { timeout: 15_000 }, async () => {
  /** @type {(record: Record<string, any>) => void} */ let arrived = () => {};
  const event = new Promise((resolve) => (arrived = resolve));
  await pb.collection('imports').subscribe('*', ({ record }) => arrived(record));
  const report = await upload('ticks.csv');
  assert.deepEqual([report.rows, report.created, report.skipped.length], [129, 128, 1]);
  assert.equal(report.rows, report.created + report.updated + report.unchanged + report.skipped.length);
  assert.equal((await event).id, report.import_id);
  await pb.collection('imports').unsubscribe();
});

test('the same file again creates nothing', async () => {
  const report = await upload('ticks.csv');
  assert.deepEqual([report.created, report.updated, report.unchanged], [0, 0, 128]);
});

test('reading ticks: page, sort, filter', async () => {
  const page = await pb.collection('ticks').getList(1, 50, { sort: '-date,-day_order' });
  assert.deepEqual([page.totalItems, page.totalPages, page.items.length], [128, 3, 50]);
  const { date, route_name, grade, disciplines, result, location } = page.items[0];
  assert.deepEqual(
    { date, route_name, grade, disciplines, result, location },
    { date: '2026-09-30', route_name: 'Glass Parcel', grade: '5.10c', disciplines: ['sport'], result: 'onsight', location: 'Northmark > Cold Fork > Lantern Quarry > Main Face' },
  );
  const boulders = await pb.collection('ticks').getFullList({ filter: pb.filter('disciplines ~ {:d}', { d: '"boulder"' }) });
  assert.equal(boulders.length, 18);
});

test("a stranger sees none of another climber's ticks", async () => {
  const stranger = new PocketBase(server.url);
  assert.equal((await stranger.collection('ticks').getList()).totalItems, 0);
  const other = { ...account, username: 'sdk.stranger', email: 'sdk.stranger@example.com' };
  await stranger.collection('users').create(other);
  await stranger.collection('users').authWithPassword(other.username, other.password);
  assert.equal((await stranger.collection('ticks').getList()).totalItems, 0);
});

test('the pyramid and its filters', async () => {
  const pyramid = await pb.send('/v1/users/me/analytics/pyramid', { query: { discipline: 'sport' }, requestKey: null });
  assert.equal(pyramid.routes, 56);
  assert.deepEqual(pyramid.bins.map((/** @type {any} */ bin) => bin.count), [1, 2, 3, 0, 6, 8, 9, 9, 8, 6, 4]);
  assert.ok(pyramid.rule.length > 0);
  const fewer = await pb.send('/v1/users/me/analytics/pyramid', { query: { discipline: 'sport', from: '2026-01-01' }, requestKey: null });
  assert.ok(fewer.routes < pyramid.routes);
});

/** @type {{ name: string, call: () => Promise<unknown>, status: number, code: string, field?: string }[]} */
const failures = [
  { name: 'a scale of another family', call: () => pb.send('/v1/users/me/analytics/pyramid', { query: { discipline: 'boulder', scale: 'yds' } }), status: 400, code: 'validation_failed', field: 'scale' },
  { name: 'a field that is not the user’s to write', call: () => pb.send('/v1/users/me', { method: 'PATCH', body: { tier: 'premium' } }), status: 400, code: 'validation_failed', field: 'tier' },
  { name: 'a web page instead of an export', call: () => upload('login-page.html'), status: 400, code: 'unrecognised_file' },
  { name: 'no token', call: () => new PocketBase(server.url).send('/v1/users/me', {}), status: 401, code: 'unauthorized' },
  { name: 'an address that does not exist', call: () => pb.send('/v1/no/such/thing', {}), status: 404, code: 'not_found' },
  { name: 'a method that is not allowed', call: () => pb.send('/v1/users/me', { method: 'POST' }), status: 405, code: 'method_not_allowed' },
  { name: 'a body that is too large', call: () => pb.send('/v1/users/me', { method: 'PATCH', body: { username: 'x'.repeat(70_000) } }), status: 413, code: 'body_too_large' },
  { name: 'a content type that is not JSON', call: () => pb.send('/v1/users/me', { method: 'PATCH', body: 'username=x', headers: { 'Content-Type': 'text/plain' } }), status: 415, code: 'unsupported_media_type' },
];

for (const { name, call, status, code, field } of failures) {
  test(`ClientResponseError reads ${name}`, async () => {
    const error = await errorOf(call);
    assert.deepEqual([error.status, error.response.status, error.response.code], [status, status, code]);
    assert.ok(error.message && error.message !== 'Something went wrong.', error.message);
    assert.ok(error.response.request_id);
    if (field) {
      assert.ok(error.response.data[field].code);
      assert.ok(error.response.data[field].message);
    }
  });
}

/** Signs up and logs in. @param {string} username @param {string} password @returns {Promise<PocketBase>} */
async function join(username, password = account.password) {
  const client = new PocketBase(server.url);
  await client.collection('users').create({ username, email: `${username}@example.com`, password, passwordConfirm: password });
  await client.collection('users').authWithPassword(username, password);
  return client;
}

test('a changed password ends every token but the one that comes with the answer', async () => {
  const [client, other] = [await join('sdk.changer'), new PocketBase(server.url)];
  await other.collection('users').authWithPassword('sdk.changer', account.password);
  const old = client.authStore.token;
  const change = { old_password: account.password, new_password: 'velvet anchor pumice 3', confirmation: 'velvet anchor pumice 3' };
  const { token, record } = await client.send('/v1/users/me/change-password', { method: 'POST', body: change });
  client.authStore.save(token, record);
  assert.equal((await client.send('/v1/users/me', {})).username, 'sdk.changer');
  await client.collection('users').authRefresh();
  other.authStore.save(old, record);
  for (const call of [() => other.send('/v1/users/me', {}), () => other.collection('users').authRefresh()]) {
    assert.equal((await errorOf(call)).status, 401);
  }
  assert.equal((await errorOf(() => other.collection('users').authWithPassword('sdk.changer', account.password))).status, 400);
  await other.collection('users').authWithPassword('sdk.changer', change.new_password);
});

test('sessions: listed with the one in the token, and deleted to end one', async () => {
  const [client, other] = [await join('sdk.sessions'), new PocketBase(server.url)];
  await other.collection('users').authWithPassword('sdk.sessions', account.password);
  const ids = [client, other].map(({ authStore }) => getTokenPayload(authStore.token).sid);
  const list = await client.collection('sessions').getFullList({ sort: 'started' });
  assert.deepEqual(list.map(({ id }) => id), ids);
  assert.deepEqual(Object.keys(list[0] ?? {}).filter((name) => /token|hash|secret/i.test(name)), []);
  assert.deepEqual(await pb.collection('sessions').getFullList({ filter: pb.filter('id = {:id}', { id: ids[0] }) }), [], 'a stranger sees none');
  assert.equal((await errorOf(() => pb.collection('sessions').delete(ids[1]))).status, 404);
  await client.collection('sessions').delete(ids[1]);
  assert.equal((await errorOf(() => other.send('/v1/users/me', {}))).status, 401);
  assert.deepEqual((await client.collection('sessions').getFullList()).map(({ id }) => id), [ids[0]]);
});

test('logging out ends the session on the server', async () => {
  const client = await join('sdk.leaver');
  await client.send('/v1/users/me/logout', { method: 'POST' });
  assert.equal((await errorOf(() => client.send('/v1/users/me', {}))).status, 401);
});

test('2,000 rows are accepted, and realtime tells when they are in', { timeout: 60_000 }, async () => {
  const other = new PocketBase(server.url);
  const owner = { ...account, username: 'sdk.large', email: 'sdk.large@example.com' };
  await other.collection('users').create(owner);
  await other.collection('users').authWithPassword(owner.username, owner.password);
  /** @type {Record<string, any>[]} */ const seen = [];
  /** @type {() => void} */ let ended = () => {};
  const end = new Promise((resolve) => (ended = () => resolve(undefined)));
  await other.collection('imports').subscribe('*', ({ record }) => {
    seen.push(record);
    if (record.state === 'done') ended();
  });
  let status = 0;
  const answer = await send(longExport(2_000), {
    as: other,
    fetch: async (...request) => {
      const response = await fetch(...request);
      status = response.status;
      return response;
    },
  });
  await end;
  await other.collection('imports').unsubscribe();
  assert.equal(status, 202);
  assert.ok(answer.job_id);
  assert.ok(seen.every((record) => record.id === answer.import_id));
  const record = await other.collection('imports').getOne(answer.import_id);
  assert.deepEqual([record.state, record.progress, record.error], ['done', 100, '']);
  assert.deepEqual([record.report.rows, record.report.created, record.report.skipped.length], [2_000, 2_000, 0]);
  assert.equal((await other.collection('ticks').getList(1, 1)).totalItems, 2_000);
  assert.equal((await send(longExport(1_999), { as: other })).rows, 1_999, 'one row fewer is answered at once');
});

test('sign-up errors name the field', async () => {
  const error = await errorOf(() => new PocketBase(server.url).collection('users').create(account));
  assert.equal(error.status, 400);
  assert.ok(Object.keys(error.response.data).length > 0);
});

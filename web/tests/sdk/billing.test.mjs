/** Billing through the PocketBase SDK against the demo's sandbox: right and wrong input, and what a program gets for it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { EventSource } from 'eventsource';
import PocketBase from 'pocketbase';
import { startServer } from '../server.mjs';
import { errorOf } from './errors.mjs';

// Node has none, and without it the SDK's realtime dies in an error that nobody can catch.
Object.assign(globalThis, { EventSource });

const password = 'quartz otter lantern 9';
const me = '/v1/users/me';

/** @type {import('../server.mjs').Server} */ let server;
/** Pays. @type {PocketBase} */ let pb;
/** Does not. @type {PocketBase} */ let stranger;

before(async () => {
  server = await startServer({ demo: true });
  [pb, stranger] = await Promise.all([join('sdk.payer'), join('sdk.stranger')]);
});

after(async () => {
  await pb?.realtime.unsubscribe();
  await server?.stop();
});

/** Signs up and logs in. @param {string} username */
async function join(username) {
  const client = new PocketBase(server.url);
  client.autoCancellation(false);
  await client.collection('users').create({ username, email: `${username}@example.com`, password, passwordConfirm: password });
  await client.collection('users').authWithPassword(username, password);
  return client;
}

/** @param {string} path @param {object} [query] */
const get = (path, query = {}, as = pb) => as.send(`${me}/${path}`, { query });

/** @param {string} path @param {object} [body] @param {Record<string, string>} [headers] */
const post = (path, body, headers = {}, as = pb) => as.send(`${me}/${path}`, { method: 'POST', ...(body && { body }), headers });

/** @param {string} tier */
const subscribe = (tier, headers = {}, as = pb) => post('subscribe', { desired_tier: tier }, headers, as);

/** Sends a form of a page of the sandbox, as a browser would, and returns where it leads. @param {string} url @param {Record<string, string>} fields */
async function submit(url, fields) {
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
  return { status: answer.status, location: answer.headers.get('Location') ?? '' };
}

/** Changes the card on file. @param {string} card */
async function keepCard(card) {
  const { url } = await post('billing-portal');
  assert.equal((await submit(url, { action: 'card', card })).status, 303);
}

/** @type {{ checkout_url: string, session_id: string }} */ let checkout;

test('plans are for everybody', async () => {
  const plans = await new PocketBase(server.url).send('/v1/plans', {});
  assert.deepEqual(plans.map((/** @type {any} */ { tier, price, max_daily_messages }) => [tier, price.amount, price.currency, price.interval, max_daily_messages]), [
    ['free', 0, 'usd', 'month', 0],
    ['basic', 999, 'usd', 'month', 25],
    ['premium', 2999, 'usd', 'month', null],
  ]);
});

test('who never paid has nothing at Stripe', async () => {
  const found = await get('subscription');
  assert.deepEqual([found.tier, found.payment_status, found.stripe_subscription_id, found.next_billing_amount, found.source], ['free', 'inactive', null, null, 'local']);
  assert.deepEqual(await get('invoices'), { items: [], has_more: false, next: null });
});

/** @type {{ name: string, call: () => Promise<unknown>, status: number, code: string, field?: string }[]} */
const refused = [
  { name: 'no plan', call: () => post('subscribe', {}), status: 400, code: 'validation_failed', field: 'desired_tier' },
  { name: 'a plan that does not exist', call: () => subscribe('gold'), status: 400, code: 'validation_failed', field: 'desired_tier' },
  { name: 'a price of one’s own', call: () => post('subscribe', { desired_tier: 'basic', price: 'price_1' }), status: 400, code: 'validation_failed', field: 'price' },
  { name: '99 of it', call: () => post('subscribe', { desired_tier: 'basic', quantity: 99 }), status: 400, code: 'validation_failed', field: 'quantity' },
  { name: 'a plan that is a number', call: () => post('subscribe', { desired_tier: 1 }), status: 400, code: 'validation_failed' },
  { name: 'a key that is too long', call: () => subscribe('basic', { 'Idempotency-Key': 'k'.repeat(256) }), status: 400, code: 'validation_failed', field: 'Idempotency-Key' },
  { name: 'the preview of a plan that does not exist', call: () => get('subscription/preview', { tier: 'gold' }), status: 400, code: 'validation_failed', field: 'tier' },
  { name: 'no invoices at a time', call: () => get('invoices', { limit: 0 }), status: 400, code: 'validation_failed', field: 'limit' },
  { name: 'cancelling nothing', call: () => post('cancel-subscription'), status: 409, code: 'no_subscription' },
  { name: 'cancelling nothing later', call: () => post('cancel-subscription', { at_period_end: true }), status: 409, code: 'no_subscription' },
  { name: 'resuming nothing', call: () => post('resume-subscription'), status: 409, code: 'no_subscription' },
  { name: 'going to the free plan from it', call: () => subscribe('free'), status: 409, code: 'no_subscription' },
  { name: 'a portal to nothing', call: () => post('billing-portal'), status: 409, code: 'no_subscription' },
  { name: 'the return from an unknown checkout', call: () => pb.send('/v1/billing/return', { query: { session_id: 'cs_test_unknown' } }), status: 404, code: 'not_found' },
  { name: 'the return from no checkout', call: () => pb.send('/v1/billing/return', {}), status: 404, code: 'not_found' },
  { name: 'a guest', call: () => new PocketBase(server.url).send(`${me}/subscription`, {}), status: 401, code: 'unauthorized' },
  { name: 'an event without a signature', call: () => pb.send('/v1/stripe/webhook', { method: 'POST', body: { id: 'evt_1' } }), status: 400, code: 'invalid_signature' },
  { name: 'a user who syncs as an administrator', call: () => pb.send(`/v1/admin/users/${pb.authStore.record?.id}/billing-sync`, { method: 'POST' }), status: 403, code: 'forbidden' },
];

for (const { name, call, status, code, field } of refused) {
  test(`refused: ${name}`, async () => {
    const error = await errorOf(call);
    assert.deepEqual([error.status, error.response.code], [status, code], error.message);
    assert.ok(error.message && error.response.request_id);
    if (field) assert.ok(error.response.data[field].message);
  });
}

test('nobody writes the tier through the collection', async () => {
  const id = String(pb.authStore.record?.id);
  for (const change of [{ tier: 'premium' }, { payment_status: 'active' }]) {
    assert.ok((await errorOf(() => pb.collection('users').update(id, change))).status >= 400);
  }
  for (const collection of ['subscriptions', 'stripe_customers', 'stripe_intents', 'stripe_events']) {
    assert.equal((await errorOf(() => pb.collection(collection).getList())).status, 403);
  }
  assert.equal((await get('subscription')).tier, 'free');
});

test('a checkout: one that is open for a plan, also when asked for at the same time', async () => {
  const answers = await Promise.all([subscribe('premium'), subscribe('premium'), subscribe('premium')]);
  assert.equal(new Set(answers.map(({ session_id }) => session_id)).size, 1);
  checkout = await subscribe('basic', { 'Idempotency-Key': 'one wish' });
  assert.notEqual(checkout.session_id, answers[0].session_id);
  assert.equal((await submit(answers[0].checkout_url, { action: 'pay', card: 'pays' })).status, 410, 'the other one has expired');
  assert.deepEqual(await subscribe('basic', { 'Idempotency-Key': 'one wish' }), checkout);
  assert.equal((await errorOf(() => subscribe('premium', { 'Idempotency-Key': 'one wish' }))).response.code, 'idempotency_key_reused');
});

test('paying: a declined card changes nothing, a good one brings the plan, and its owner hears of it', { timeout: 20_000 }, async () => {
  /** @type {(tier: string) => void} */ let arrived = () => {};
  const heard = new Promise((resolve) => (arrived = resolve));
  await pb.collection('users').subscribe(String(pb.authStore.record?.id), ({ record }) => record['tier'] === 'basic' && arrived('basic'));
  assert.equal((await submit(checkout.checkout_url, { action: 'pay', card: 'declines' })).status, 402);
  assert.equal((await get('subscription')).tier, 'free');
  const { status, location } = await submit(checkout.checkout_url, { action: 'pay', card: 'pays' });
  assert.deepEqual([status, new URL(location).pathname], [303, '/v1/billing/return']);
  const query = Object.fromEntries(new URL(location).searchParams);
  assert.equal((await errorOf(() => stranger.send('/v1/billing/return', { query }))).status, 404, 'it is of somebody else');
  assert.equal((await get('subscription', {}, stranger)).tier, 'free');
  await pb.send('/v1/billing/return', { query });
  const found = await get('subscription');
  assert.deepEqual([found.tier, found.payment_status, found.stripe_status, found.next_billing_amount, found.currency, found.source], ['basic', 'active', 'active', 999, 'usd', 'stripe']);
  assert.ok(Date.parse(found.renewal_date) > Date.now());
  assert.equal(await heard, 'basic');
  await pb.collection('users').unsubscribe();
  assert.equal((await get('../me')).tier, 'basic');
});

test('the same plan again', async () => {
  assert.equal((await errorOf(() => subscribe('basic'))).response.code, 'already_subscribed');
});

for (const [card, code] of /** @type {const} */ ([['declines', 'payment_failed'], ['needs_action', 'payment_action_required']])) {
  test(`a change with a card that ${card}: nothing changes, and there is a way out`, async () => {
    await keepCard(card);
    const error = await errorOf(() => subscribe('premium'));
    assert.deepEqual([error.status, error.response.code], [402, code]);
    assert.match(error.response.data.portal_url, /^http.*\/portal\//);
    assert.ok(!JSON.stringify(error.response).includes('secret'));
    const found = await get('subscription');
    assert.deepEqual([found.tier, found.next_billing_amount], ['basic', 999]);
  });
}

test('a change: the preview tells what it costs, up and down', async () => {
  await keepCard('pays');
  const up = await get('subscription/preview', { tier: 'premium' });
  assert.equal(up.action, 'change');
  assert.ok(up.amount_due > 1900 && up.amount_due <= 2000, String(up.amount_due));
  assert.equal(up.lines.reduce((/** @type {number} */ sum, /** @type {any} */ { amount }) => sum + amount, 0), up.amount_due);
  const key = { 'Idempotency-Key': 'another wish' };
  const { action, subscription } = await subscribe('premium', key);
  assert.deepEqual([action, subscription.tier, subscription.next_billing_amount], ['changed', 'premium', 2999]);
  assert.equal((await subscribe('premium', key)).subscription.tier, 'premium', 'the same wish again is the same answer');
  const down = await get('subscription/preview', { tier: 'basic' });
  assert.deepEqual([down.amount_due, down.credit > 1900], [0, true]);
  assert.equal((await get('subscription/preview', { tier: 'free' })).action, 'cancel');
  assert.equal((await get('subscription/preview', { tier: 'premium' })).action, 'none');
});

test('invoices: newest first, page by page, one’s own', async () => {
  const all = await get('invoices');
  assert.deepEqual(all.items.map((/** @type {any} */ { status }) => status), ['paid', 'paid']);
  assert.deepEqual(all.items.map((/** @type {any} */ { amount }) => amount > 1900), [true, false]);
  const first = await get('invoices', { limit: 1 });
  assert.deepEqual([first.items[0].id, first.has_more, first.next], [all.items[0].id, true, all.items[0].id]);
  const second = await get('invoices', { limit: 1, after: first.next });
  assert.deepEqual([second.items[0].id, second.has_more], [all.items[1].id, false]);
  const page = await fetch(second.items[0].hosted_url);
  assert.equal(page.status, 200);
  assert.deepEqual((await get('invoices', {}, stranger)).items, []);
  assert.equal((await errorOf(() => get('invoices', { after: 'in_unknown' }))).status, 400);
});

test('cancelling for the end, taking it back, and cancelling now', async () => {
  const ending = await post('cancel-subscription', { at_period_end: true });
  assert.deepEqual([ending.tier, ending.cancel_at_period_end, ending.next_billing_date, ending.pending_change.tier], ['premium', true, null, 'free']);
  const resumed = await post('resume-subscription');
  assert.deepEqual([resumed.tier, resumed.cancel_at_period_end, resumed.pending_change], ['premium', false, null]);
  const ended = await post('cancel-subscription');
  assert.deepEqual([ended.tier, ended.payment_status, ended.stripe_subscription_id], ['free', 'cancelled', null]);
  assert.equal((await errorOf(() => post('cancel-subscription'))).response.code, 'no_subscription');
  assert.equal((await get('../me')).tier, 'free');
});

test('the activity tells of it', async () => {
  const { items } = await get('activity');
  assert.ok(items.filter((/** @type {any} */ { event }) => event === 'plan_changed').length >= 3);
});

test('a server without a key says so', async () => {
  const bare = await startServer();
  try {
    const client = new PocketBase(bare.url);
    await client.collection('users').create({ username: 'sdk.bare', email: 'sdk.bare@example.com', password, passwordConfirm: password });
    await client.collection('users').authWithPassword('sdk.bare', password);
    for (const call of [() => get('subscription', {}, client), () => subscribe('basic', {}, client), () => post('billing-portal', {}, {}, client)]) {
      const error = await errorOf(call);
      assert.deepEqual([error.status, error.response.code], [503, 'billing_not_configured']);
    }
    assert.equal((await client.send('/v1/plans', {})).length, 3);
  } finally {
    await bare.stop();
  }
});

/** What goes wrong is said where it happened, in words that help. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../server.mjs';
import { gone, launch, openPage, picture } from './browser.mjs';
import { logIn, password, signUp, signUpWithTicks, upload } from './climber.mjs';

/** @type {import('../server.mjs').Server} */ let server;
/** @type {import('playwright-core').Browser} */ let browser;

before(async () => {
  server = await startServer();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/**
 * Runs a test on a page of its own and checks that the browser had nothing to complain about.
 * @param {string} name
 * @param {(page: import('playwright-core').Page) => Promise<void>} body
 */
function pageTest(name, body) {
  test(name, async () => {
    const { context, page, complaints } = await openPage(browser, server.url);
    try {
      await body(page);
      assert.deepEqual(complaints, []);
    } finally {
      await context.close();
    }
  });
}

pageTest('an empty sign-up form marks every field and takes the focus to the first', async (page) => {
  await page.goto('/signup');
  await page.getByRole('button', { name: 'Create account' }).click();
  for (const label of ['Username', 'E-mail', 'Password']) {
    assert.equal(await page.getByLabel(label, { exact: true }).getAttribute('aria-invalid'), 'true', label);
  }
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'username');
  await picture(page, 'mistakes-signup');
});

pageTest('a taken username is said beside the field', async (page) => {
  await signUp(page, 'taken.name');
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.goto('/signup');
  await page.getByLabel('Username').fill('taken.name');
  await page.getByLabel('E-mail').fill('other@example.com');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByText('This username is taken.').waitFor();
  assert.equal(await page.getByLabel('Username').getAttribute('aria-describedby'), 'username-error');
});

pageTest('a wrong password does not say which part was wrong', async (page) => {
  await page.goto('/login');
  await logIn(page, 'nobody.here', 'not the password');
  await page.getByRole('alert').getByText('E-mail, username or password is not right.').waitFor();
});

pageTest('a locked login says when to try again', async (page) => {
  await page.goto('/login');
  const locked = page.getByRole('alert').getByText(/^Too many attempts.*Try again in 1\d minutes, at \d+:\d\d/);
  for (let attempt = 0; attempt < 6 && (await locked.count()) === 0; attempt++) {
    const answered = page.waitForResponse('**/auth-with-password');
    await logIn(page, 'locked.climber', 'not the password');
    await answered;
    await page.getByRole('button', { name: 'Log in' }).waitFor();
  }
  await locked.waitFor();
  await picture(page, 'mistakes-locked');
});

pageTest('a sign-up with the address of an account says what to do, and no more', async (page) => {
  await signUp(page, 'known.address');
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.goto('/signup');
  await page.getByLabel('Username').fill('second.try');
  await page.getByLabel('E-mail').fill('known.address@example.com');
  await page.getByLabel('Password', { exact: true }).fill('velvet anchor pumice 3');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: 'Check your mail' }).waitFor();
  await page.getByText('If you already have an account with this address').waitFor();
  await picture(page, 'mistakes-known-address');
});

pageTest('the sign-up shows how strong the password is', async (page) => {
  await page.goto('/signup');
  await page.getByLabel('Username').fill('meter.climber');
  await page.getByLabel('Password', { exact: true }).fill('meter.climber');
  await page.getByText('your own data').waitFor();
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByText(/Strong\.|Very strong\./).waitFor();
  await page.route('**/v1/password-check', (route) => route.abort());
  await page.getByLabel('Password', { exact: true }).fill(`${password} and more`);
  await page.getByText('At least 10 characters.').waitFor();
});

pageTest('password managers and pasting work at the login', async (page) => {
  await page.goto('/login');
  const [identity, secret] = [page.getByLabel('E-mail or username'), page.getByLabel('Password', { exact: true })];
  assert.deepEqual(await Promise.all([identity, secret].map((input) => input.getAttribute('autocomplete'))), ['username', 'current-password']);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate((text) => navigator.clipboard.writeText(text), password);
  await secret.focus();
  await page.keyboard.press('Control+V');
  assert.equal(await secret.inputValue(), password);
});

pageTest('a web page instead of an export is refused in plain words', async (page) => {
  await signUp(page, 'wrong.file');
  await upload(page, 'login-page.html');
  await page.getByRole('alert').getByText('This is not the export that was expected.').waitFor();
  await picture(page, 'mistakes-wrong-file');
  await page.reload();
  await page.getByRole('heading', { name: 'Start with your logbook' }).waitFor();
});

pageTest('a lost connection offers to try again and keeps the session', async (page) => {
  await signUpWithTicks(page, 'offline.climber');
  await page.route('**/v1/**', (route) => route.abort());
  await page.getByRole('radio', { name: 'Boulder' }).check();
  await page.getByRole('alert').getByText('Cragbase cannot be reached').waitFor();
  await page.unroute('**/v1/**');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('Boulder, 16 routes sent').waitFor();
});

pageTest('a refused token ends the session and leads back to the page after logging in', async (page) => {
  await signUpWithTicks(page, 'ended.session');
  await page.evaluate(() => {
    const stored = JSON.parse(localStorage.getItem('pocketbase_auth') ?? '{}');
    localStorage.setItem('pocketbase_auth', JSON.stringify({ ...stored, token: `${stored.token}x` }));
  });
  await page.goto('/dashboard?discipline=boulder');
  await page.getByText('Your session has ended.').waitFor();
  await logIn(page, 'ended.session@example.com', password);
  await page.waitForURL('**/dashboard?discipline=boulder');
});

pageTest('a logbook that is too large for the plan leads to the plans', async (page) => {
  await signUp(page, 'large.logbook');
  const problem = { status: 402, code: 'plan_limit', message: 'Your plan holds 10,000 ticks.', data: {}, request_id: 'r1' };
  await page.route('**/ticks/import', (route) => route.fulfill({ status: 402, json: problem }));
  await upload(page, 'ticks.csv');
  await page.getByRole('alert').getByText('Your plan holds 10,000 ticks.').waitFor();
  await page.getByRole('alert').getByRole('link', { name: 'See the plans' }).click();
  await page.getByRole('heading', { level: 1, name: 'Billing' }).waitFor();
});

/** A plan that is paid and renews. */
const paid = {
  tier: 'basic', payment_status: 'active', stripe_subscription_id: 'sub_1', stripe_status: 'active', renewal_date: '2026-12-25T10:00:00.000Z', next_billing_date: '2026-12-25T10:00:00.000Z',
  next_billing_amount: 999, currency: 'usd', cancel_at_period_end: false, pending_change: null, grace_until: null, source: 'stripe', stale: false, fetched_at: '2026-11-25T10:00:00.000Z',
};

pageTest('Stripe does not answer: the page says so, and trying again is the same wish', async (page) => {
  await signUp(page, 'silent.stripe');
  let stale = true;
  await page.route('**/v1/users/me/subscription', (route) => route.fulfill({ json: { ...paid, tier: 'free', payment_status: 'inactive', stripe_subscription_id: null, stripe_status: null, stale } }));
  await page.route('**/v1/users/me/invoices?*', (route) => route.fulfill({ json: { items: [], has_more: false, next: null } }));
  /** @type {string[]} */ const keys = [];
  const problem = { status: 503, code: 'stripe_unavailable', message: 'No answer.', data: {}, request_id: 'r1' };
  await page.route('**/v1/users/me/subscribe', (route) => {
    keys.push(route.request().headers()['idempotency-key'] ?? '');
    if (keys.length < 3) return route.fulfill({ status: 503, json: problem, headers: { 'Retry-After': '30' } });
    return route.fulfill({ status: 201, json: { action: 'checkout', checkout_url: new URL('/login', page.url()).href, session_id: 'cs_1', expires_at: null } });
  });
  await page.goto('/billing');
  await page.getByText('Stripe does not answer right now. This is what was known before').waitFor();
  stale = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('Stripe does not answer right now.').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Choose Premium' }).click();
  const alert = page.getByRole('alert').filter({ hasText: 'The payment service does not answer right now. Nothing was changed. Try again in 30 seconds. Reference r1.' });
  await alert.waitFor();
  await picture(page, 'mistakes-stripe-silent');
  await alert.getByRole('button', { name: 'Try again' }).click();
  await alert.getByRole('button', { name: 'Try again' }).click();
  await page.waitForURL('**/dashboard'); // the login leads on whoever is logged in
  assert.equal(keys.length, 3);
  assert.match(keys[0] ?? '', /^[0-9a-f]{32}$/);
  assert.equal(new Set(keys).size, 1, 'the same key each time');
});

pageTest('a plan that was cancelled elsewhere: the page says so and catches up', async (page) => {
  await signUp(page, 'other.tab');
  let subscription = paid;
  await page.route('**/v1/users/me/subscription', (route) => route.fulfill({ json: subscription }));
  await page.route('**/v1/users/me/invoices?*', (route) => {
    const after = new URL(route.request().url()).searchParams.get('after');
    const items = [{ id: after ? 'in_0' : 'in_1', number: after ? 'A-0000' : 'A-0001', date: '2026-11-25T10:00:00.000Z', amount: 999, currency: 'usd', status: 'paid', hosted_url: null, pdf_url: null }];
    return route.fulfill({ json: { items, has_more: !after, next: after ? null : 'in_1' } });
  });
  await page.route('**/v1/users/me/cancel-subscription', (route) => route.fulfill({ status: 409, json: { status: 409, code: 'no_subscription', message: 'There is no paid plan.', data: {}, request_id: 'r1' } }));
  await page.goto('/billing');
  await page.getByRole('button', { name: 'Show older invoices' }).click();
  await page.getByRole('row').filter({ hasText: 'A-0000' }).waitFor();
  await page.getByRole('row').filter({ hasText: 'A-0001' }).waitFor();
  await gone(page.getByRole('button', { name: 'Show older invoices' }));
  subscription = { ...paid, tier: 'free', payment_status: 'cancelled', cancel_at_period_end: false, stripe_status: 'canceled' };
  await page.getByRole('button', { name: 'Cancel plan' }).click();
  await page.getByRole('button', { name: 'Cancel for Dec 25, 2026' }).click();
  await page.getByRole('alert').getByText('There is no paid plan.').waitFor();
  await gone(page.getByRole('dialog'));
  await page.getByText('Your paid plan has ended.').waitFor();
});

pageTest('an address that does not exist has a page of its own', async (page) => {
  await page.goto('/no/such/page');
  await page.getByRole('heading', { name: 'This page does not exist' }).waitFor();
});

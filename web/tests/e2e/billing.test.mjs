/** A climber's way through all of billing in the demo: the checkout, changes, cancelling, the portal, a renewal that fails. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import PocketBase from 'pocketbase';
import { startServer } from '../server.mjs';
import { axeFindings, gone, launch, narrow, openPage, overflows, picture } from './browser.mjs';
import { password, signUp } from './climber.mjs';

/** @typedef {import('playwright-core').Page} Page */

const username = 'paying.climber';

/** @type {import('../server.mjs').Server} */ let server;
/** @type {import('playwright-core').Browser} */ let browser;
/** @type {Awaited<ReturnType<typeof openPage>>} */ let opened;
/** @type {Page} */ let page;
/** The same climber on another device. @type {PocketBase} */ let elsewhere;

before(async () => {
  server = await startServer({ demo: true });
  browser = await launch();
  opened = await openPage(browser, server.url);
  page = opened.page;
  elsewhere = new PocketBase(server.url);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** @param {string} name */
const region = (name) => page.getByRole('region', { name });

/** The panel of the present plan is named by the plan. @param {string} plan */
const present = (plan) => page.locator('section').filter({ hasText: 'Your plan' }).getByRole('heading', { level: 2, name: plan });

/** @param {string | RegExp} name */
const press = (name) => page.getByRole('button', { name }).click();

/** @param {string} title */
const dialog = (title) => page.getByRole('dialog', { name: title });

/** Picks a test card on a page of the sandbox. @param {string} ending */
const card = (ending) => page.getByRole('radio', { name: ending }).check();

/** In the portal. @param {string} ending @param {string} kept what is on file then */
async function changeCard(ending, kept) {
  await card(ending);
  await press('Use this card from now on');
  await page.getByText('The card is changed.').waitFor();
  await page.getByText(`On file: ${kept}`).waitFor();
}

async function backFromStripe() {
  await page.getByRole('link', { name: 'Back' }).click();
  await page.waitForURL(`${server.url}/billing`);
}

/** What the server says of the plan. @returns {Promise<Record<string, any>>} */
const subscription = () => elsewhere.send('/v1/users/me/subscription', { requestKey: null });

/** A page of the sandbox has to be as good as our own. @param {string} name */
async function inspect(name) {
  assert.deepEqual(await axeFindings(page), []);
  await picture(page, name);
  const size = page.viewportSize();
  await page.setViewportSize(narrow);
  assert.equal(await overflows(page), false, 'scrolls sideways');
  await picture(page, `${name}-narrow`);
  if (size) await page.setViewportSize(size);
}

test('the header leads to the plans, and the free one is paid with nothing', async () => {
  await signUp(page, username);
  await elsewhere.collection('users').authWithPassword(username, password);
  await page.getByRole('link', { name: 'Billing' }).click();
  await page.getByRole('heading', { level: 1, name: 'Billing' }).waitFor();
  await present('Free').waitFor();
  for (const price of ['$0', '$9.99', '$29.99']) await region('Plans').getByText(price, { exact: true }).waitFor();
  await region('Invoices').getByText('There are none.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Payment method' }).count(), 0, 'there is nothing at Stripe yet');
});

test('the checkout can be left, and nothing is charged', async () => {
  await press('Choose Basic');
  await page.getByRole('heading', { name: 'Pay with a test card' }).waitFor();
  await page.getByText('no money moves').waitFor();
  await page.getByText(`${username}@example.com`).waitFor();
  await inspect('checkout');
  await page.getByRole('link', { name: 'Back' }).click();
  await page.getByText('You left the checkout. Nothing was charged.').waitFor();
  await page.waitForURL(`${server.url}/billing`);
  await present('Free').waitFor();
  await page.reload();
  await present('Free').waitFor();
  assert.equal(await page.getByText('You left the checkout.').count(), 0, 'it is said once');
});

test('going back with the browser brings a page that works', async () => {
  await press('Choose Basic');
  await page.getByRole('heading', { name: 'Pay with a test card' }).waitFor();
  await page.goBack();
  await page.getByRole('button', { name: 'Choose Basic' }).and(page.locator(':enabled')).waitFor();
});

test('a card that is declined says so, and a good one pays', async () => {
  await press('Choose Basic');
  await card('0002');
  await press('Pay $9.99');
  await page.getByRole('alert').getByText('This card was declined.').waitFor();
  await picture(page, 'checkout-declined');
  assert.equal((await subscription()).tier, 'free');
  await card('4242');
  await press('Pay $9.99');
  await page.waitForURL(`${server.url}/billing`);
  await page.getByText('Basic is yours from now on.').waitFor();
  await present('Basic').waitFor();
  await region('Invoices').getByRole('row').filter({ hasText: '$9.99' }).filter({ hasText: 'Paid' }).waitFor();
  await picture(page, 'billing-basic');
  assert.deepEqual(await subscription().then(({ tier, payment_status, stripe_status }) => [tier, payment_status, stripe_status]), ['basic', 'active', 'active']);
  await page.reload();
  await present('Basic').waitFor();
  assert.equal(await page.getByText('Basic is yours from now on.').count(), 0, 'it is said once');
});

test('a change shows what it costs, and can be left', async () => {
  await press('Change to Premium');
  await dialog('Change to Premium?').getByText('is charged now, for the rest of this period.').waitFor();
  await picture(page, 'billing-change');
  await page.keyboard.press('Escape');
  await gone(page.getByRole('dialog'));
  assert.match((await page.evaluate(() => document.activeElement?.textContent)) ?? '', /Change to Premium/, 'the focus goes back');
  assert.equal((await subscription()).tier, 'basic');
});

test('the portal: what is on file, the invoice, and another card', async () => {
  await press('Payment method and invoices');
  await page.getByText('On file: a card that pays').waitFor();
  await inspect('portal');
  await page.getByRole('link', { name: /-0001$/ }).click();
  await page.getByRole('heading', { level: 1, name: 'Invoice' }).waitFor();
  await inspect('invoice');
  await page.goBack();
  await changeCard('0002', 'a card that is declined');
  await backFromStripe();
  await present('Basic').waitFor();
});

for (const { ending, kind, message, next, kept } of [
  { ending: '0002', kind: 'is declined', message: 'The payment failed, and your plan is as it was.', next: '3155', kept: 'a card that asks for 3-D Secure' },
  { ending: '3155', kind: 'the bank wants confirmed', message: 'Your bank wants to confirm this payment, and your plan is as it was.', next: '4242', kept: 'a card that pays' },
]) {
  test(`a change with a card that ${kind} leaves the plan, and leads to the payment page`, async () => {
    await press('Change to Premium');
    await dialog('Change to Premium?').getByRole('button', { name: /^Pay \$/ }).click();
    await dialog('Change to Premium?').getByRole('alert').getByText(message).waitFor();
    await picture(page, `billing-change-${ending}`);
    assert.equal((await subscription()).tier, 'basic');
    await dialog('Change to Premium?').getByRole('link', { name: 'Go to the payment page' }).click();
    await changeCard(next, kept);
    await backFromStripe();
    await present('Basic').waitFor();
  });
}

test('up: what was shown is what is charged', async () => {
  await press('Change to Premium');
  const pay = dialog('Change to Premium?').getByRole('button', { name: /^Pay \$/ });
  const shown = Number((await pay.innerText()).replace('Pay $', ''));
  await pay.click();
  await page.getByText('You are on Premium now.').waitFor();
  await present('Premium').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'plan-title');
  const { items } = await elsewhere.send('/v1/users/me/invoices', { requestKey: null });
  assert.ok(Math.abs(items[0].amount - 100 * shown) <= 5, `${shown} was shown, and ${items[0].amount} charged`);
  assert.equal((await subscription()).tier, 'premium');
  await region('Invoices').getByRole('row').nth(2).waitFor();
});

test('down: nothing is charged, and the rest is credit', async () => {
  await press('Change to Basic');
  await dialog('Change to Basic?').getByText('Nothing is charged now. $').waitFor();
  await picture(page, 'billing-change-down');
  await dialog('Change to Basic?').getByRole('button', { name: 'Change to Basic' }).click();
  await page.getByText('You are on Basic now.').waitFor();
  await present('Basic').waitFor();
});

test('another device changes the plan, and this page follows', async () => {
  const { action } = await elsewhere.send('/v1/users/me/subscribe', { method: 'POST', body: { desired_tier: 'premium' } });
  assert.equal(action, 'changed');
  await present('Premium').waitFor();
});

test('cancelling for the end keeps the plan, and can be taken back', async () => {
  await press('Cancel plan…');
  await dialog('Cancel Premium?').getByText('nothing is refunded').waitFor();
  await dialog('Cancel Premium?').getByText('Unlimited messages with the coach').waitFor();
  await picture(page, 'billing-cancel');
  await dialog('Cancel Premium?').getByRole('button', { name: /^Cancel for / }).click();
  await page.getByText('Your plan is cancelled. You keep it until its period ends.').waitFor();
  await page.getByText(/^You keep Premium until .*\. It is not charged again\.$/).waitFor();
  await picture(page, 'billing-ending');
  assert.deepEqual(await subscription().then(({ tier, cancel_at_period_end }) => [tier, cancel_at_period_end]), ['premium', true]);
  await press('Keep Premium');
  await page.getByText('The cancellation is taken back.').waitFor();
  assert.equal((await subscription()).cancel_at_period_end, false);
});

test('cancelling now ends the plan at once', async () => {
  await press('Cancel plan…');
  await dialog('Cancel Premium?').getByRole('radio', { name: /^Now/ }).check();
  await picture(page, 'billing-cancel-now');
  await dialog('Cancel Premium?').getByRole('button', { name: 'Cancel now' }).click();
  await page.getByText('Your plan has ended. You are on the free plan now.').waitFor();
  await present('Free').waitFor();
  await picture(page, 'billing-cancelled');
  assert.deepEqual(await subscription().then(({ tier, payment_status }) => [tier, payment_status]), ['free', 'cancelled']);
});

test('a card that the bank wants confirmed pays once it is', async () => {
  await press('Choose Premium');
  await card('3155');
  await press('Pay $29.99');
  await page.getByRole('heading', { name: 'Is this payment yours?' }).waitFor();
  await inspect('checkout-confirm');
  await press('No');
  await page.getByRole('alert').getByText('could not confirm').waitFor();
  await press('Pay $29.99');
  await press('Yes, pay');
  await page.getByText('Premium is yours from now on.').waitFor();
  await present('Premium').waitFor();
});

test('a checkout of somebody else changes nothing', async () => {
  await page.goto('/settings');
  await page.getByRole('region', { name: 'Plan' }).getByText('Premium').waitFor();
  await page.goto('/billing?session_id=cs_test_of_somebody_else');
  await page.getByRole('alert').getByText('There is no such checkout session of yours.').waitFor();
  await present('Premium').waitFor();
});

test('coming back without a session leads through the login', async () => {
  await press('Log out');
  await page.goto('/v1/billing/return?session_id=cs_test_unknown');
  await page.waitForURL('**/login?next=*');
  await page.getByLabel('E-mail or username').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('alert').getByText('There is no such checkout session of yours.').waitFor();
  await present('Premium').waitFor();
});

test('nothing broke on the way', () => {
  assert.deepEqual(opened.complaints, []);
});

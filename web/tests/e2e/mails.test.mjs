/** The pages that mails lead to, with mails that arrive at a real SMTP server. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import PocketBase from 'pocketbase';
import { linkIn, Mailbox } from '../mailbox.mjs';
import { startServer } from '../server.mjs';
import { launch, openPage, picture } from './browser.mjs';
import { logIn, password, signUp } from './climber.mjs';

const username = 'mail.climber';
const address = `${username}@example.com`;
const newAddress = 'moved.climber@example.com';
const newPassword = 'velvet anchor pumice 3';

const mailbox = new Mailbox();
/** @type {import('../server.mjs').Server} */ let server;
/** @type {import('playwright-core').Browser} */ let browser;
/** @type {Awaited<ReturnType<typeof openPage>>} */ let opened;
/** @type {import('playwright-core').Page} */ let page;

before(async () => {
  server = await startServer({ smtpPort: await mailbox.open() });
  browser = await launch();
  opened = await openPage(browser, server.url);
  page = opened.page;
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await mailbox.close();
});

const banner = () => page.getByRole('complementary', { name: 'E-mail address not verified' });

/** @param {string} text */
const heading = (text) => page.getByRole('heading', { level: 1, name: text });

/**
 * Opens a link from a mail and checks that its token is gone from the address.
 * @param {string} link
 * @param {string} path
 */
async function follow(link, path) {
  await page.goto(link);
  await page.waitForURL(`${server.url}${path}`);
  assert.equal(await page.evaluate(() => location.search + JSON.stringify(history.state)), 'null');
}

/** @param {string} first @param {string} second */
async function enterNewPassword(first, second) {
  await page.getByLabel('New password').fill(first);
  await page.getByLabel('The same again').fill(second);
  await page.getByRole('button', { name: 'Set password' }).click();
}

/** @type {string} */ let verifyLink;
/** @type {string} */ let resetLink;
/** @type {string} */ let changeLink;

test('signing up brings a welcome mail with a link to verify the address', async () => {
  await signUp(page, username);
  const mail = await mailbox.take(address, /welcome/i);
  assert.match(mail.from, /Cragbase.*mail@example\.com/);
  verifyLink = linkIn(mail, server.url, '/verify');
});

test('a banner asks for it, on every page, until it is put off', async () => {
  await banner().getByText(address).waitFor();
  await picture(page, 'mails-banner');
  await page.getByRole('link', { name: 'Logbook' }).click();
  await banner().getByRole('button', { name: 'Not now' }).click();
  await banner().waitFor({ state: 'detached' });
  await page.reload();
  await page.getByText('Your logbook is empty').waitFor();
  assert.equal(await banner().count(), 0);
});

test('an old link and the banner each bring a new one', async () => {
  for (const [name, ask, answer] of /** @type {const} */ ([
    ['old.link', 'Send a new link', 'a mail with a new link is on its way'],
    ['late.climber', 'Send again', 'A mail is on its way to late.climber@example.com'],
  ])) {
    const other = await openPage(browser, server.url);
    await signUp(other.page, name);
    const first = linkIn(await mailbox.take(`${name}@example.com`, /welcome/i), server.url, '/verify');
    if (name === 'old.link') await other.page.goto(`${first}x`);
    await other.page.getByRole('button', { name: ask }).click();
    await other.page.getByText(answer).waitFor();
    await other.page.goto(linkIn(await mailbox.take(`${name}@example.com`, /confirm/i), server.url, '/verify'));
    await other.page.getByRole('heading', { level: 1, name: 'Your address is verified' }).waitFor();
    assert.deepEqual(other.complaints, []);
    await other.context.close();
  }
});

test('a lost connection says so and tries again', async () => {
  await page.route('**/confirm-verification', (route) => route.abort());
  await follow(verifyLink, '/verify');
  await heading('Your address is not verified yet').waitFor();
  await page.getByRole('alert').getByText('Cragbase cannot be reached').waitFor();
  await page.unroute('**/confirm-verification');
});

test('the link verifies the address', async () => {
  await page.getByRole('button', { name: 'Try again' }).click();
  await heading('Your address is verified').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1', 'the new state has the focus');
  await page.getByRole('link', { name: 'Go to the dashboard' }).click();
  await page.getByRole('heading', { name: 'Start with your logbook' }).waitFor();
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await page.getByRole('heading', { name: 'Start with your logbook' }).waitFor();
  assert.equal(await banner().count(), 0, 'nothing is left to ask for');
});

test('a spoiled link says so', async () => {
  await follow(`${verifyLink.slice(0, -3)}xyz`, '/verify');
  await heading('This link no longer works').waitFor();
  await page.getByText('Your address is verified already.').waitFor();
});

test('a forgotten password: the answer is the same for an address that nobody has', async () => {
  await page.goto('/dashboard');
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.goto('/login');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  for (const email of ['nobody@example.com', address]) {
    await page.getByLabel('E-mail').fill(email);
    await page.getByRole('button', { name: 'Send the link' }).click();
    await page.getByText('If an account with that address exists, a mail is on its way.').waitFor();
    await page.getByRole('button', { name: 'try again' }).click();
  }
  resetLink = linkIn(await mailbox.take(address, /password/i), server.url, '/reset-password');
});

test('the link leads to the choice of a new password', async () => {
  await follow(resetLink, '/reset-password');
  await enterNewPassword(newPassword, `${newPassword}!`);
  await page.getByText('The two passwords differ.').waitFor();
  await enterNewPassword('short', 'short');
  await page.getByText('Use at least 10 characters.').waitFor();
  await enterNewPassword(newPassword, newPassword);
  await page.waitForURL('**/login');
  await page.getByText('Your new password is set.').waitFor();
});

test('the new password opens the account and the old one does not', async () => {
  await logIn(page, address, password);
  await page.getByRole('alert').getByText('E-mail, username or password is not right.').waitFor();
  await logIn(page, address, newPassword);
  await page.waitForURL('**/dashboard');
});

test('a used link leads back to asking for another', async () => {
  await follow(resetLink, '/reset-password');
  await enterNewPassword('another password 77', 'another password 77');
  await heading('This link no longer works').waitFor();
  await page.getByRole('link', { name: 'Get a new link' }).click();
  await heading('Forgot your password?').waitFor();
});

test('a change of address writes to both', async () => {
  const pb = new PocketBase(server.url);
  await pb.collection('users').authWithPassword(username, newPassword);
  await pb.collection('users').requestEmailChange(newAddress);
  changeLink = linkIn(await mailbox.take(newAddress, /address/i), server.url, '/confirm-email');
  const notice = await mailbox.take(address, /new e-mail address/i);
  assert.ok(notice.text.includes(newAddress) && !notice.text.includes('token='), notice.text);
});

test('the password confirms the new address', async () => {
  await follow(changeLink, '/confirm-email');
  await page.getByText(newAddress).waitFor();
  await page.getByLabel('Password', { exact: true }).fill('not my password');
  await page.getByRole('button', { name: 'Confirm address' }).click();
  await page.getByText('This is not your password.').waitFor();
  await page.getByLabel('Password', { exact: true }).fill(newPassword);
  await page.getByRole('button', { name: 'Confirm address' }).click();
  await page.waitForURL('**/login');
  await page.getByText('Your new address is confirmed.').waitFor();
  await mailbox.take(address, /was changed/i);
});

test('the new address logs in and the old one does not', async () => {
  await logIn(page, address, newPassword);
  await page.getByRole('alert').getByText('E-mail, username or password is not right.').waitFor();
  await logIn(page, newAddress, newPassword);
  await page.waitForURL('**/dashboard');
  await follow(changeLink, '/confirm-email');
  await page.getByLabel('Password', { exact: true }).fill(newPassword);
  await page.getByRole('button', { name: 'Confirm address' }).click();
  await heading('This link no longer works').waitFor();
});

test('nothing broke on the way', () => {
  assert.deepEqual(opened.complaints, []);
});

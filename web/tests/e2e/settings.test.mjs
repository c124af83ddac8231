/** The settings of one climber, each section with wrong input first and then with right. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import PocketBase from 'pocketbase';
import { linkIn, Mailbox } from '../mailbox.mjs';
import { startServer } from '../server.mjs';
import { gone, launch, openPage, picture } from './browser.mjs';
import { logIn, password, signUp } from './climber.mjs';

const username = 'settings.climber';
const renamed = 'renamed.climber';
const address = `${username}@example.com`;
const newAddress = 'moved.settings@example.com';
const newPassword = 'velvet anchor pumice 3';
const profileURL = 'https://www.mountainproject.com/user/200123456';

const mailbox = new Mailbox();
/** @type {import('../server.mjs').Server} */ let server;
/** @type {import('playwright-core').Browser} */ let browser;
/** @type {Awaited<ReturnType<typeof openPage>>} */ let opened;
/** @type {import('playwright-core').Page} */ let page;
/** The same climber on another device. @type {PocketBase} */ let elsewhere;

before(async () => {
  server = await startServer({ smtpPort: await mailbox.open() });
  browser = await launch();
  opened = await openPage(browser, server.url);
  page = opened.page;
  elsewhere = new PocketBase(server.url);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await mailbox.close();
});

/** @param {string} name */
const section = (name) => page.getByRole('region', { name, exact: true });

/** @param {string} name @param {string} label */
const field = (name, label) => section(name).getByLabel(label, { exact: true });

/** @param {string} name @param {string} button */
const press = (name, button) => section(name).getByRole('button', { name: button }).click();

/** Waits until a field says what is wrong with it. @param {import('playwright-core').Locator} input @param {string | RegExp} message */
async function complains(input, message) {
  await input.and(page.locator('[aria-invalid=true]')).waitFor();
  const id = await input.getAttribute('aria-describedby');
  await page.locator(`[id="${id}"]`).filter({ hasText: message }).waitFor();
}

/** The token that the page holds. @returns {Promise<string>} */
function token() {
  return page.evaluate(() => JSON.parse(localStorage.getItem('pocketbase_auth') ?? '{}').token);
}

/** The status that a token gets. @param {string} held */
async function statusOf(held) {
  return (await fetch(`${server.url}/v1/users/me`, { headers: { Authorization: held } })).status;
}

test('the header leads to the settings', async () => {
  await signUp(page, username);
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1');
  await section('Delete account').waitFor();
});

test('profile: a username has its rules and is nobody else’s', async () => {
  const other = { username: 'other.climber', email: 'other.climber@example.com', password, passwordConfirm: password };
  await new PocketBase(server.url).collection('users').create(other);
  const name = field('Profile', 'Username');
  for (const [wrong, message] of /** @type {const} */ ([['a b', 'Use 3 to 50 letters'], ['other.climber', 'This username is taken.']])) {
    await name.fill(wrong);
    await press('Profile', 'Save profile');
    await complains(name, message);
  }
  await picture(page, 'settings-username-taken');
  await name.fill(renamed);
  await press('Profile', 'Save profile');
  await section('Profile').getByText('Your profile is saved.').waitFor();
  await page.getByRole('banner').getByText(renamed).waitFor();
});

test('profile: a new address needs the password and waits for its link', async () => {
  const email = field('Profile', 'E-mail');
  const secret = field('Profile', 'Current password');
  assert.equal(await secret.count(), 0, 'nothing asks for a password that is not needed');
  await email.fill('nowhere');
  await press('Profile', 'Save profile');
  await complains(email, 'Enter an address');
  await email.fill(newAddress);
  await press('Profile', 'Save profile');
  await complains(secret, 'Enter your password.');
  await secret.fill('not my password');
  await press('Profile', 'Save profile');
  await complains(secret, 'This is not your password.');
  await secret.fill(password);
  await press('Profile', 'Save profile');
  await section('Profile').getByText(`Pending: ${newAddress}.`).waitFor();
  assert.equal(await email.inputValue(), address);
  await picture(page, 'settings-pending');
  linkIn(await mailbox.take(newAddress, /address/i), server.url, '/confirm-email');
  await page.reload();
  await section('Profile').getByText(`Pending: ${newAddress}.`).waitFor();
});

test('links: only a profile of the site, and what became of reading it', async () => {
  const url = field('Linked profiles', 'Mountain Project');
  await press('Linked profiles', 'Link Mountain Project');
  await complains(url, 'Paste the address');
  await url.fill('https://example.com/user/1');
  await press('Linked profiles', 'Link Mountain Project');
  await complains(url, /./);
  await url.fill(`${profileURL}/settings-climber/ticks?page=1`);
  await press('Linked profiles', 'Link Mountain Project');
  await section('Linked profiles').getByText('Your Mountain Project profile is linked.').waitFor();
  assert.equal(await url.inputValue(), profileURL);
  await section('Linked profiles').getByText(/2\d{3}, .*: .*server does not read profiles/i).first().waitFor();
  await picture(page, 'settings-linked');
  await press('Linked profiles', 'Unlink Mountain Project');
  await section('Linked profiles').getByText('Its ticks stay in your logbook.').waitFor();
  assert.equal(await url.inputValue(), '');
});

test('password: the meter tells what the server would say', async () => {
  const next = field('Password', 'New password');
  const said = section('Password').locator('[aria-live=polite]');
  await next.fill('password1234');
  await said.getByText('easy to guess.').waitFor();
  assert.match(await said.innerText(), /uncommon words/);
  await next.fill(`${renamed} ${renamed}`);
  await said.getByText('your own data').waitFor();
  await next.fill('x'.repeat(72));
  await said.getByText('at most 71 bytes').waitFor();
  await next.fill(newPassword);
  await said.getByText(/Strong\.|Very strong\./).waitFor();
});

test('password: each mistake is said at its field', async () => {
  const [present, next, again] = ['Current password', 'New password', 'New password again'].map((label) => field('Password', label));
  assert.ok(present && next && again);
  await present.fill('not my password');
  await next.fill(newPassword);
  await again.fill(`${newPassword}!`);
  await press('Password', 'Change password');
  await complains(again, 'The two passwords differ.');
  await again.fill(newPassword);
  await press('Password', 'Change password');
  await complains(present, 'This is not your password.');
  await present.fill(password);
  for (const [wrong, message] of /** @type {const} */ ([['password1234', 'uncommon words'], [password, 'This is the password you have now.']])) {
    await next.fill(wrong);
    await again.fill(wrong);
    await press('Password', 'Change password');
    await complains(next, message);
  }
  await picture(page, 'settings-password');
});

test('password: the new one keeps this session and ends the others', async () => {
  await elsewhere.collection('users').authWithPassword(address, password);
  const old = await token();
  await field('Password', 'Current password').fill(password);
  await field('Password', 'New password').fill(newPassword);
  await field('Password', 'New password again').fill(newPassword);
  await press('Password', 'Change password');
  await section('Password').getByText('Your new password is set.').waitFor();
  assert.equal(await field('Password', 'New password').inputValue(), '');
  assert.deepEqual(await Promise.all([old, elsewhere.authStore.token, await token()].map(statusOf)), [401, 401, 200]);
  await section('Sessions').getByText('This device').waitFor();
  await page.reload();
  await section('Sessions').getByText('This device').waitFor();
  assert.equal(await section('Sessions').getByRole('listitem').count(), 1);
});

test('sessions: another device is named, and can be ended', async () => {
  await elsewhere.collection('users').authWithPassword(renamed, newPassword);
  await page.reload();
  const other = section('Sessions').getByRole('listitem').filter({ hasText: 'node' });
  await section('Sessions').getByRole('listitem').filter({ hasText: 'Chrome on Linux' }).getByText('This device').waitFor();
  await picture(page, 'settings-sessions');
  await other.getByRole('button', { name: 'End the session of node' }).click();
  await section('Sessions').getByText('The session of node has ended.').waitFor();
  await other.waitFor({ state: 'detached' });
  assert.deepEqual([await statusOf(elsewhere.authStore.token), await statusOf(await token())], [401, 200]);
});

test('data: the download is a zip file with a name that tells', async () => {
  const begun = page.waitForEvent('download');
  await press('Your data', 'Download my data');
  const download = await begun;
  assert.match(download.suggestedFilename(), /^cragbase-export-renamed\.climber-.*\.zip$/);
  assert.equal((await readFile(await download.path())).subarray(0, 2).toString(), 'PK');
  await section('Your data').getByText('is in your downloads.').waitFor();
});

test('the activity tells what was done', async () => {
  await section('Sessions').getByRole('link', { name: 'See what happened' }).click();
  await page.getByRole('heading', { level: 1, name: 'Activity' }).waitFor();
  for (const event of ['Changed the password', 'Asked for a new e-mail address', 'Linked Mountain Project', 'Unlinked Mountain Project', 'Downloaded all data', 'Ended a session', 'Logged in with the password']) {
    await page.getByRole('row').filter({ hasText: event }).filter({ hasText: '127.0.0.1' }).first().waitFor();
  }
  await picture(page, 'activity');
  await page.getByRole('link', { name: 'change your password' }).click();
  await section('Password').waitFor();
  await page.waitForFunction(() => document.activeElement?.id === 'password-title');
});

test('the activity has pages, and words for when there is nothing', async () => {
  const entry = (/** @type {number} */ id) => ({ id: String(id), event: 'login_failed', at: '2026-05-09T08:05:00.000Z', address: '2001:db8::7', request_id: '', details: {} });
  let total = 26;
  await page.route('**/v1/users/me/activity?*', (route) => {
    const number = Number(new URL(route.request().url()).searchParams.get('page'));
    const items = Array.from({ length: Math.min(25, total - (number - 1) * 25) }, (_, index) => entry(index));
    return route.fulfill({ json: { page: number, perPage: 25, totalItems: total, totalPages: Math.ceil(total / 25), items } });
  });
  await page.goto('/activity');
  await page.getByText('Page 1 of 2').waitFor();
  await page.getByRole('row', { name: 'Wrong password at the login May 9, 2026, 10:05 AM 2001:db8::7' }).first().waitFor();
  await page.getByRole('button', { name: 'Older' }).click();
  await page.waitForURL('**/activity?page=2');
  await page.getByText('Page 2 of 2').waitFor();
  total = 0;
  await page.goto('/activity');
  await page.getByText('Nothing has happened yet.').waitFor();
  await page.unroute('**/v1/users/me/activity?*');
  await page.getByRole('main').getByRole('link', { name: 'Settings' }).click();
  await section('Profile').waitFor();
});

test('deactivating: the password ends it all, and a login brings it back', async () => {
  await press('Deactivate', 'Deactivate account');
  const dialog = page.getByRole('dialog', { name: 'Deactivate your account?' });
  await dialog.getByRole('button', { name: 'Deactivate' }).click();
  await complains(dialog.getByLabel('Password', { exact: true }), 'Enter your password.');
  await dialog.getByLabel('Password', { exact: true }).fill('not my password');
  await dialog.getByRole('button', { name: 'Deactivate' }).click();
  await complains(dialog.getByLabel('Password', { exact: true }), 'This is not your password.');
  await page.keyboard.press('Escape');
  await gone(dialog);
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Deactivate account…', 'the focus goes back');
  await press('Deactivate', 'Deactivate account');
  const held = await token();
  await dialog.getByLabel('Password', { exact: true }).fill(newPassword);
  await dialog.getByLabel('Why? (optional)').fill('a season off');
  await dialog.getByRole('button', { name: 'Deactivate' }).click();
  await page.waitForURL('**/login');
  await page.getByText('Your account is deactivated.').waitFor();
  await picture(page, 'settings-deactivated');
  assert.equal(await statusOf(held), 401);
  await logIn(page, address, newPassword);
  await page.getByRole('heading', { name: 'Start with your logbook' }).waitFor();
});

test('deleting: typed out and with the password, and a login within the grace keeps the account', async () => {
  await page.goto('/settings');
  await press('Delete account', 'Delete account');
  const dialog = page.getByRole('dialog', { name: 'Delete your account?' });
  const typed = dialog.getByLabel(`Type your username, ${renamed}`);
  const remove = () => dialog.getByRole('button', { name: 'Delete my account' }).click();
  await typed.fill(username);
  await dialog.getByLabel('Password', { exact: true }).fill('not my password');
  await remove();
  await complains(typed, `Type ${renamed} to go on.`);
  await typed.fill(renamed);
  await remove();
  await complains(dialog.getByLabel('Password', { exact: true }), 'This is not your password.');
  const held = await token();
  await dialog.getByLabel('Password', { exact: true }).fill(newPassword);
  await remove();
  await page.waitForURL('**/login');
  const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'Europe/Vienna' }).format(Date.now() + 14 * 24 * 3_600_000);
  await page.getByText('Your account will be deleted.').waitFor();
  await page.getByText(`On ${day} everything in it is erased for good.`).waitFor();
  assert.equal(await statusOf(held), 401);
  await logIn(page, address, newPassword);
  await page.getByRole('heading', { name: 'Start with your logbook' }).waitFor();
});

test('too many wrong passwords: the page says when to try again', async () => {
  await page.goto('/settings');
  await field('Password', 'Current password').fill('not my password');
  await field('Password', 'New password').fill('another velvet anchor 4');
  await field('Password', 'New password again').fill('another velvet anchor 4');
  const locked = section('Password').getByRole('alert').getByText(/^Too many attempts\. Try again in 1\d minutes, at \d+:\d\d/);
  for (let attempt = 0; attempt < 6 && (await locked.count()) === 0; attempt++) {
    const answered = page.waitForResponse('**/change-password');
    await press('Password', 'Change password');
    await answered;
    await section('Password').getByRole('button', { name: 'Change password' }).waitFor();
  }
  await locked.waitFor();
  await picture(page, 'settings-locked');
});

test('logging out ends the session on the server too', async () => {
  const held = await token();
  const told = page.waitForResponse('**/v1/users/me/logout');
  await page.getByRole('banner').getByRole('button', { name: 'Log out' }).click();
  assert.equal((await told).status(), 204);
  await page.getByRole('heading', { name: 'What have you really sent?' }).waitFor();
  assert.equal(await statusOf(held), 401);
});

test('nothing broke on the way', () => {
  assert.deepEqual(opened.complaints, []);
});

/** The coach in the demo, which answers without a language model: chats, feedback, what is left, and those without a coach. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import PocketBase from 'pocketbase';
import { startServer } from '../server.mjs';
import { axeFindings, launch, narrow, openPage, overflows, picture, wide } from './browser.mjs';
import { logIn, signUp } from './climber.mjs';

/** @typedef {import('playwright-core').Page} Page */

const secret = 'chalk-bucket-sunrise';
const address = (/** @type {string} */ name) => `${name}@demo.cragbase.example`;

/** @type {import('../server.mjs').Server} */ let server;
/** @type {import('playwright-core').Browser} */ let browser;
/** @type {Awaited<ReturnType<typeof openPage>>} */ let opened;
/** @type {Page} */ let page;
/** The same climber on another device. @type {PocketBase} */ let elsewhere;
/** @type {PocketBase} */ let admin;

before(async () => {
  server = await startServer({ demo: true });
  browser = await launch();
  opened = await openPage(browser, server.url);
  page = opened.page;
  elsewhere = new PocketBase(server.url);
  await elsewhere.collection('users').authWithPassword(address('ben'), secret);
  admin = new PocketBase(server.url);
  await admin.collection('_superusers').authWithPassword(address('admin'), 'demo-admin-1');
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const field = () => page.getByRole('textbox', { name: 'Ask the coach' });
const chats = () => page.getByRole('complementary', { name: 'Chats' }).getByRole('link');
const answers = () => page.getByRole('article', { name: 'The coach’s answer' });

/** @param {string} question @param {number} at which answer of the chat it will be, from 0 */
async function ask(question, at = 0) {
  await field().fill(question);
  await field().press('Enter');
  await answers().nth(at).getByRole('button', { name: 'Helpful', exact: true }).waitFor();
}

/** @param {string} name */
async function openCoach(name) {
  await page.goto('/login?next=/coach');
  await logIn(page, address(name), secret);
  await page.getByRole('heading', { level: 1, name: 'Coach' }).waitFor();
  await page.getByRole('heading', { level: 3 }).first().waitFor();
}

/** Buttons fade into another theme, and a drawer comes from the side. @param {Page} on */
function settled(on) {
  return on.evaluate(async () => {
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    await Promise.all(document.getAnimations().map((animation) => animation.effect?.getComputedTiming().endTime !== Infinity && animation.finished.catch(() => null)));
  });
}

/** In both themes, wide and narrow. @param {Page} on @param {string} name */
async function inspect(on, name) {
  for (const [width, size] of /** @type {const} */ ([['wide', wide], ['narrow', narrow]])) {
    await on.setViewportSize(size);
    for (const colorScheme of /** @type {const} */ (['dark', 'light'])) {
      await on.emulateMedia({ colorScheme });
      await settled(on);
      assert.deepEqual(await axeFindings(on), [], `${name}, ${colorScheme}, ${width}`);
      await picture(on, `coach-${name}-${colorScheme}-${width}`);
    }
    assert.equal(await overflows(on), false, `${name} scrolls sideways, ${width}`);
  }
  await on.setViewportSize(wide);
}

test('a free climber sees what the coach is, which plans have it, and the insights', async () => {
  await openCoach('anna');
  const offer = page.getByRole('region', { name: 'Talk your climbing over with the coach' });
  await offer.getByText('25 messages a day').waitFor();
  await offer.getByText('Unlimited messages').waitFor();
  assert.equal(await field().count(), 0, 'there is nothing to send');
  assert.ok((await page.getByRole('region', { name: 'From your logbook' }).getByRole('heading', { level: 3 }).count()) >= 3);
  await inspect(page, 'free');
  await offer.getByRole('link', { name: 'See the plans' }).click();
  await page.getByRole('heading', { level: 1, name: 'Billing' }).waitFor();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('link', { name: 'Sign up' }).first().waitFor();
});

test('the header leads to the coach, which says that it only computes', async () => {
  await page.goto('/login');
  await logIn(page, address('ben'), secret);
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Coach' }).click();
  await page.getByText('Computed from your logbook, without a language model', { exact: true }).waitFor();
  await page.getByText('25 of 25 messages left').waitFor();
  await page.getByRole('heading', { level: 3, name: 'Your sport pyramid' }).waitFor();
  await page.getByText('No chats yet.').waitFor();
  await page.getByText('it is no doctor').waitFor();
  await page.getByText('25 of 25 messages left').click();
  await page.getByText('It comes back after 24 hours, or at once when the coach fails before its first word.').waitFor();
  await inspect(page, 'new');
  await page.getByText('25 of 25 messages left').click();
});

test('an example becomes a question, and the answer tells what was looked at', async () => {
  await page.getByRole('button', { name: 'Where are the gaps in my pyramid?' }).click();
  assert.equal(await field().inputValue(), 'Where are the gaps in my pyramid?');
  await field().press('Shift+Enter');
  await field().pressSequentially('In sport?');
  await field().press('Enter');
  await page.waitForURL(/\/coach\?chat=\w+$/);
  await answers().getByRole('button', { name: 'Helpful', exact: true }).waitFor();
  await answers().getByText('Looked at your sport pyramid, all years').waitFor();
  await answers().getByRole('heading', { level: 3, name: 'Your sport pyramid' }).waitFor();
  await page.getByText('24 of 25 messages left').waitFor();
  assert.equal(await field().inputValue(), '', 'the question is taken');
  assert.equal(await chats().count(), 1);
  assert.match(await page.locator('.user p').innerText(), /^Where are the gaps in my pyramid\?\nIn sport\?$/);
  const spoken = page.getByRole('status').filter({ hasText: 'The coach has answered.' });
  assert.match((await spoken.textContent()) ?? '', /Your sport pyramid/);
  await inspect(page, 'answer');
});

test('a chat goes on, and is there again after a reload', async () => {
  await ask('Which grade should I try next?', 1);
  const before = await answers().allInnerTexts();
  await page.reload();
  await answers().nth(1).getByRole('button', { name: 'Helpful', exact: true }).waitFor();
  assert.deepEqual(await answers().allInnerTexts(), before);
  await page.getByText('23 of 25 messages left').waitFor();
});

test('an answer is judged, and the judgement is kept with a reason', async () => {
  await answers().nth(1).getByRole('button', { name: 'Not helpful' }).click();
  await page.getByLabel('What was wrong with it?').fill('It says nothing of my fingers.');
  await inspect(page, 'feedback');
  await answers().nth(1).getByRole('button', { name: 'Send' }).click();
  await page.getByText('Thank you. It is kept with the answer.').waitFor();
  const [kept] = await elsewhere.collection('messages').getFullList({ filter: 'role = "assistant"', sort: '-sequence' });
  assert.deepEqual([kept?.feedback, kept?.feedback_text], ['not_helpful', 'It says nothing of my fingers.']);
  const pressed = answers().nth(1).getByRole('button', { pressed: true });
  assert.equal(await pressed.innerText(), 'Not helpful');
  await pressed.click();
  await pressed.waitFor({ state: 'detached' });
  assert.equal((await elsewhere.collection('messages').getOne(kept?.id ?? '')).feedback, '', 'the same button takes it back');
});

test('an answer is copied as it was written', async () => {
  await opened.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await answers().first().getByRole('button', { name: 'Copy' }).click();
  await answers().first().getByText('Copied').waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /### Your sport pyramid/);
});

test('a chat is renamed, here and elsewhere', async () => {
  await page.getByRole('button', { name: 'Rename' }).click();
  const dialog = page.getByRole('dialog', { name: 'Rename the chat' });
  await dialog.getByLabel('Title').fill('');
  await dialog.getByRole('button', { name: 'Rename' }).click();
  await dialog.getByText('This is needed.').waitFor();
  await dialog.getByLabel('Title').fill('Autumn');
  await inspect(page, 'rename');
  await dialog.getByRole('button', { name: 'Rename' }).click();
  await page.getByRole('heading', { level: 2, name: 'Autumn' }).waitFor();
  assert.match(await chats().first().innerText(), /^Autumn/);
  const [chat] = await elsewhere.collection('chats').getFullList();
  await elsewhere.collection('chats').update(chat?.id ?? '', { title: 'Winter' });
  await page.getByRole('heading', { level: 2, name: 'Winter' }).waitFor();
});

test('messages from another device move what is left, and their chats come by themselves', async () => {
  await elsewhere.send('/v1/users/me/messages', { method: 'POST', body: { content: 'How much did I climb?' } });
  await page.getByText('22 of 25 messages left').waitFor();
  await chats().filter({ hasText: 'How much did I climb?' }).waitFor();
  assert.match(await chats().first().innerText(), /^How much/, 'newest first');
});

/** Writes a climber's usage as it would be after some messages. @param {number} count @param {Date | null} resetsAt */
async function setUsage(count, resetsAt) {
  const id = elsewhere.authStore.record?.id ?? '';
  const { version } = await admin.collection('usage').getOne(id);
  const window = Array.from({ length: count }, (_, at) => [(resetsAt?.valueOf() ?? 0) - 24 * 3_600_000 + at, version + 1 + at]);
  await admin.collection('usage').update(id, { daily_message_count: count, resets_at: resetsAt ?? '', window, version: version + count + 1 });
}

test('without a message left there is the time of the next, and what is written stays', async () => {
  await field().fill('One more thing');
  const soon = new Date(Date.now() + 90 * 60_000);
  await setUsage(25, soon);
  await page.getByText(/0 of 25 messages left, next one free (tomorrow )?at \d+:\d\d [AP]M/).waitFor();
  await page.getByText(/No message is left: the next one free/).waitFor();
  await field().press('Enter');
  assert.equal(await page.getByRole('button', { name: 'Send' }).isDisabled(), true);
  assert.equal(await field().inputValue(), 'One more thing');
  await inspect(page, 'none-left');
});

test('a message that leaves gives its place back before one’s eyes', async () => {
  await setUsage(24, new Date(Date.now() + 90 * 60_000));
  await page.getByText('1 of 25 messages left').waitFor();
  await page.getByRole('button', { name: 'Send' }).and(page.locator(':enabled')).waitFor();
  await field().fill('');
});

test('a question that is too long says so and is not sent', async () => {
  await field().fill('a'.repeat(3_650));
  await page.getByText('3,650 of 4,000 characters').waitFor();
  await field().fill('a'.repeat(4_003));
  await page.getByText('3 characters too many').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Send' }).isDisabled(), true);
  await field().fill('');
});

test('on a phone the chats are in a drawer', async () => {
  await page.setViewportSize(narrow);
  await page.getByRole('button', { name: 'Chats' }).click();
  const drawer = page.getByRole('dialog', { name: 'Chats' });
  await drawer.getByRole('link', { name: /How much did I climb/ }).waitFor();
  await settled(page);
  assert.deepEqual(await axeFindings(page), []);
  await picture(page, 'coach-drawer');
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'detached' });
  assert.equal(await page.getByRole('button', { name: 'Chats' }).evaluate((button) => button === document.activeElement), true, 'the focus is back');
  await page.getByRole('button', { name: 'Chats' }).click();
  await drawer.getByRole('link', { name: /How much did I climb/ }).click();
  await page.getByRole('heading', { level: 2, name: 'How much did I climb?' }).waitFor();
  await drawer.waitFor({ state: 'detached' });
  await page.setViewportSize(wide);
});

test('a chat is deleted once that is confirmed', async () => {
  await page.getByRole('button', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete the chat?' });
  await inspect(page, 'delete');
  await dialog.getByRole('button', { name: 'Keep it' }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await page.waitForURL(`${server.url}/coach`);
  await chats().filter({ hasText: 'How much did I climb?' }).waitFor({ state: 'detached' });
  assert.equal((await elsewhere.collection('chats').getFullList()).length, 1);
});

test('a chat that is deleted elsewhere goes away', async () => {
  await chats().first().click();
  await page.getByRole('heading', { level: 2, name: 'Winter' }).waitFor();
  const [chat] = await elsewhere.collection('chats').getFullList();
  await elsewhere.collection('chats').delete(chat?.id ?? '');
  await page.waitForURL(`${server.url}/coach`);
  await page.getByText('No chats yet.').waitFor();
  await page.goto(`/coach?chat=${chat?.id}`);
  await page.getByText('This chat does not exist, or no longer.').waitFor();
  assert.deepEqual(opened.complaints, []);
});

test('a plan without a limit says so', async () => {
  const { context, page, complaints } = await openPage(browser, server.url);
  await page.goto('/login?next=/coach');
  await logIn(page, address('carla'), secret);
  await page.getByText('Unlimited messages').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a server without a coach shows the insights and nothing to send', async () => {
  const plain = await startServer();
  try {
    const { context, page, complaints } = await openPage(browser, plain.url);
    await signUp(page, 'new.climber');
    await page.goto('/coach');
    await page.getByText('No coach is set up on this server.').waitFor();
    await page.getByRole('heading', { name: 'From your logbook' }).waitFor();
    assert.equal(await page.getByRole('textbox').count(), 0);
    await inspect(page, 'no-coach');
    assert.deepEqual(complaints, []);
    await context.close();
  } finally {
    await plain.stop();
  }
});

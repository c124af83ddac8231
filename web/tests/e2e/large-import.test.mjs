/** Files that are imported in the background: how far they are, how they end, and who finds out how. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import PocketBase from 'pocketbase';
import { longExport } from '../exports.mjs';
import { admin, startServer } from '../server.mjs';
import { axeFindings, gone, launch, narrow, openPage, picture, wide } from './browser.mjs';
import { bars, signUp, uploadText } from './climber.mjs';
import { openLine } from './line.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** Sooner than the page would look by itself, in milliseconds: what comes in time was told by an event. */
const soon = 3_000;

/** @type {import('../server.mjs').Server} */ let server;
/** @type {import('playwright-core').Browser} */ let browser;
/** @type {PocketBase} an administrator */ let office;

before(async () => {
  server = await startServer({ withAdmin: true });
  browser = await launch();
  office = new PocketBase(server.url);
  office.autoCancellation(false);
  await office.collection('_superusers').authWithPassword(admin.email, admin.password);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/**
 * Signs up on a page of its own and checks in the end that the browser had nothing to complain about.
 * @param {string} name
 * @param {string} username
 * @param {(page: Page) => Promise<void>} body
 */
function climberTest(name, username, body) {
  test(name, async () => {
    const { context, page, complaints } = await openPage(browser, server.url);
    try {
      await signUp(page, username);
      await body(page);
      assert.deepEqual(complaints, []);
    } finally {
      await context.close();
    }
  });
}

/**
 * Puts an import on record that no job works on, so that the test sets its pace.
 * @param {string} username
 */
async function slowImport(username) {
  const user = await office.collection('users').getFirstListItem(office.filter('username = {:username}', { username }));
  const { id } = await office.collection('imports').create({ user: user.id, source: 'mountain_project', mode: 'merge', file_name: 'ticks.csv', state: 'queued' });
  return (/** @type {Record<string, unknown>} */ change) => office.collection('imports').update(id, change);
}

/** @param {Page} page @param {number} percent */
function barAt(page, percent) {
  return page.locator(`[role=progressbar][aria-valuenow="${percent}"]`);
}

const report = { import_id: '', source: 'mountain_project', rows: 2400, created: 2399, updated: 0, unchanged: 0, removed: 0, skipped: [{ line: 7, reason: 'no date' }], warnings: [] };

climberTest('5,000 rows show how far they are, then the report, then the charts', 'large.climber', async (page) => {
  const text = longExport(5_000);
  await uploadText(page, 'ticks.csv', text);
  await page.getByRole('progressbar', { name: /^Importing/ }).waitFor();
  await picture(page, 'large-import-running');
  const region = page.getByRole('region', { name: '5,000 new ticks in your logbook' });
  await region.waitFor({ timeout: 60_000 });
  assert.match(await region.innerText(), /Rows in the file\s+5,000/);
  await bars(page).first().waitFor();
  await page.getByText('Sport, 5,000 routes sent').waitFor();
  await gone(page.getByRole('progressbar'));
});

climberTest('events move the bar, also after a reload, and the end shows the report', 'watching.climber', async (page) => {
  const set = await slowImport('watching.climber');
  await page.reload();
  await page.getByRole('progressbar', { name: 'Importing ticks.csv' }).waitFor();
  await page.getByText('Waiting to start…').waitFor();
  const said = page.locator('[aria-live=polite]');
  for (const [progress, spoken] of /** @type {[number, RegExp][]} */ ([[20, /has started/], [40, /^25%/], [60, /^50%/]])) {
    await set({ state: 'running', progress });
    await barAt(page, progress).waitFor({ timeout: soon });
    assert.match(await said.innerText(), spoken);
  }
  await page.reload();
  await barAt(page, 60).waitFor();
  await set({ state: 'done', progress: 100, report });
  await page.getByRole('region', { name: '2,399 new ticks in your logbook' }).waitFor();
  await page.getByRole('region', { name: 'Skipped rows' }).getByText('no date').waitFor();
});

test('what happened while the line was cut is read when it is mended', async () => {
  const line = await openLine(server.url);
  const { context, page } = await openPage(browser, line.url);
  try {
    await signUp(page, 'gap.climber');
    const set = await slowImport('gap.climber');
    const connected = page.waitForResponse((answer) => answer.url().endsWith('/api/realtime') && answer.request().method() === 'POST');
    await page.reload();
    await connected;
    await page.getByRole('progressbar').waitFor();
    line.cut();
    await set({ state: 'running', progress: 35 });
    line.mend();
    await barAt(page, 35).waitFor({ timeout: soon });
  } finally {
    await context.close();
    await line.close();
  }
});

climberTest('without realtime the page looks by itself', 'polling.climber', async (page) => {
  const set = await slowImport('polling.climber');
  await page.route('**/api/realtime', (route) => route.abort());
  await page.reload();
  await page.getByRole('progressbar').waitFor();
  await set({ state: 'running', progress: 30 });
  await barAt(page, 30).waitFor();
  await set({ state: 'done', progress: 100, report });
  await page.getByRole('region', { name: '2,399 new ticks in your logbook' }).waitFor();
});

climberTest('a failure is told in the words of the server, and another file can be sent', 'failing.climber', async (page) => {
  const set = await slowImport('failing.climber');
  await page.reload();
  await page.getByRole('progressbar').waitFor();
  await set({ state: 'failed', error: 'Your plan holds 10,000 ticks.' });
  await page.getByRole('alert').getByText('Your plan holds 10,000 ticks.').waitFor();
  await picture(page, 'large-import-failed');
  await uploadText(page, 'ticks.csv', longExport(3));
  await page.getByRole('region', { name: '3 new ticks in your logbook' }).waitFor();
  assert.equal(await page.getByRole('alert').count(), 0);
});

test('the bar passes axe in both themes, wide and narrow', async () => {
  const { context, page } = await openPage(browser, server.url);
  await signUp(page, 'axe.climber');
  const set = await slowImport('axe.climber');
  await set({ state: 'running', progress: 45 });
  const session = await context.storageState();
  await context.close();
  for (const theme of /** @type {const} */ (['light', 'dark'])) {
    for (const [width, viewport] of /** @type {const} */ ([['wide', wide], ['narrow', narrow]])) {
      const opened = await openPage(browser, server.url, viewport, theme, session);
      await opened.page.goto('/dashboard');
      await barAt(opened.page, 45).waitFor();
      assert.deepEqual(await axeFindings(opened.page), []);
      await picture(opened.page, `large-import-${theme}-${width}`);
      await opened.context.close();
    }
  }
});

/** One climber's way through the app, from signing up to logging in again. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer } from '../server.mjs';
import { launch, openPage, picture } from './browser.mjs';
import { barLabels, bars, logIn, password, signUp, upload } from './climber.mjs';

/** Distinct sport routes sent in ticks.csv, each by its best ascent, counted by hand. */
const sportPyramid = [
  '5.12b: 1 route, 1 redpoint',
  '5.12a: 2 routes, 2 redpoint',
  '5.11d: 3 routes, 1 flash, 2 redpoint',
  '5.11c: no route',
  '5.11b: 6 routes, 1 onsight, 1 flash, 3 redpoint, 1 pinkpoint',
  '5.11a: 8 routes, 3 onsight, 2 flash, 3 redpoint',
  '5.10d: 9 routes, 5 onsight, 2 flash, 2 redpoint',
  '5.10c: 9 routes, 6 onsight, 1 flash, 2 redpoint',
  '5.10b: 8 routes, 7 onsight, 1 flash',
  '5.10a: 6 routes, 5 onsight, 1 redpoint',
  '5.9: 4 routes, 4 onsight',
];

const username = 'journey.climber';

/** @type {import('../server.mjs').Server} */ let server;
/** @type {import('playwright-core').Browser} */ let browser;
/** @type {Awaited<ReturnType<typeof openPage>>} */ let opened;
/** @type {import('playwright-core').Page} */ let page;

before(async () => {
  server = await startServer();
  browser = await launch();
  opened = await openPage(browser, server.url);
  page = opened.page;
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test('a guest sees an example pyramid without logging in', async () => {
  await page.goto('/');
  assert.equal((await barLabels(page)).length, 8);
  await page.getByRole('option', { name: /^5\.12a/ }).click();
  await page.getByText('Ninth Bolt').waitFor();
});

test('a guest who asks for the dashboard is sent to the login', async () => {
  await page.goto('/dashboard?discipline=boulder');
  await page.waitForURL('**/login?next=*');
});

test('signing up leads to the empty dashboard', async () => {
  await signUp(page, username);
  assert.equal(new URL(page.url()).pathname, '/dashboard');
  assert.equal(await bars(page).count(), 0);
});

test('the import says what became of every row', async () => {
  await upload(page, 'ticks.csv');
  const report = page.getByRole('region', { name: '128 new ticks in your logbook' });
  await report.waitFor();
  const figures = await report.locator('dl > div').allInnerTexts();
  assert.deepEqual(
    figures.map((text) => text.replace(/\s+/g, ' ')),
    ['Rows in the file 129', 'New 128', 'Updated 0', 'Unchanged 0', 'Skipped 1', 'Removed 0'],
  );
  assert.match(await report.getByRole('region', { name: 'Skipped rows' }).innerText(), /\b22\b.*sometime in May/s);
  await picture(page, 'journey-report');
});

test('the pyramid counts each route once, by its best ascent', async () => {
  await bars(page).first().waitFor();
  assert.deepEqual(await barLabels(page), sportPyramid);
  await page.getByText('Sport, 56 routes sent').waitFor();
});

test('what is not counted is said beside the chart', async () => {
  await page.getByText(/Not counted here: 20 attempts .*, 9 ticks without a result/).waitFor();
});

test('the keyboard walks the bars, one tab stop for all', async () => {
  await page.getByLabel('Goal').focus();
  await page.keyboard.press('Tab');
  assert.equal(await focusedLabel(), sportPyramid[0]);
  for (const [key, row] of /** @type {[string, number][]} */ ([['ArrowDown', 1], ['End', 10], ['ArrowDown', 10], ['Home', 0], ['PageDown', 5]])) {
    await page.keyboard.press(key);
    assert.equal(await focusedLabel(), sportPyramid[row], key);
  }
  await picture(page, 'journey-keyboard');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: '8 routes at 5.11a' }).waitFor();
  assert.equal(await page.getByRole('group', { name: 'Ticks' }).getByRole('listitem').count(), 8);
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: 'Top of the pyramid' }).waitFor();
  assert.equal(await focusedLabel(), sportPyramid[5], 'Escape leaves the focus where it is');
});

test('a click opens the ticks behind a bar, and a second click closes them', async () => {
  const bar = page.getByRole('option', { name: /^5\.11d/ });
  await bar.click();
  await page.getByRole('heading', { name: '3 routes at 5.11d' }).waitFor();
  assert.equal(await bar.getAttribute('aria-selected'), 'true');
  await bar.click();
  await page.getByRole('heading', { name: 'Top of the pyramid' }).waitFor();
});

test('the chart is also a table, and the address remembers it', async () => {
  await page.getByRole('button', { name: 'Show as table' }).click();
  await page.waitForURL('**/dashboard?view=table');
  await page.reload();
  const row = page.getByRole('row', { name: /^5\.11b/ });
  await row.waitFor();
  assert.deepEqual(await row.getByRole('cell').allInnerTexts(), ['1', '1', '3', '1', '6']);
  await page.getByRole('button', { name: 'Show as table' }).click();
  await bars(page).first().waitFor();
});

test('only disciplines with ticks are offered', async () => {
  const names = await page.getByRole('group', { name: 'Discipline' }).getByRole('radio').evaluateAll((all) => all.map((radio) => /** @type {HTMLInputElement} */ (radio).value));
  assert.deepEqual(names.sort(), ['all', 'boulder', 'sport', 'tr', 'trad']);
});

test('filters change the figures and live in the address', async () => {
  await page.getByRole('radio', { name: 'Boulder' }).check();
  await page.waitForURL('**/dashboard?discipline=boulder');
  await page.getByRole('option', { name: 'V3: 6 routes, 3 flash, 3 send' }).waitFor();
  await page.getByRole('radio', { name: 'Font' }).check();
  await page.waitForURL(/scale=font/);
  await page.getByRole('option', { name: /^6a: 6 routes/i }).waitFor();
  await page.getByRole('radio', { name: 'Sport' }).check();
  await page.waitForURL('**/dashboard?discipline=sport');
  await page.getByRole('checkbox', { name: 'Count ticks without a result as sends' }).check();
  await page.waitForURL(/count_unknown=true/);
  await page.getByText('Sport, 65 routes sent').waitFor();
  await page.getByLabel('From', { exact: true }).fill('2026-01-01');
  await page.getByLabel('To', { exact: true }).fill('2025-01-01');
  await page.getByText('The period ends before it begins').waitFor();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.waitForURL(/\/dashboard$/);
  await page.getByText('Sport, 56 routes sent').waitFor();
});

test('the same file again changes nothing', async () => {
  await page.getByRole('button', { name: 'Import ticks' }).click();
  await upload(page, 'ticks.csv');
  await page.getByRole('region', { name: 'Nothing new: your logbook already holds this file' }).waitFor();
});

test('the logbook pages, searches and filters', async () => {
  await page.getByRole('link', { name: 'Logbook' }).click();
  await page.getByText('128 ticks').waitFor();
  assert.equal(await page.getByRole('row').count(), 51);
  await page.getByRole('button', { name: 'Older' }).click();
  await page.waitForURL(/page=2/);
  await page.getByLabel('Discipline').selectOption('tr');
  await page.getByText('5 ticks found').waitFor(); // "tr" must not find "trad"
  assert.equal(await page.getByRole('row').count(), 6);
  await page.getByLabel('Discipline').selectOption('');
  await page.getByLabel('Route name').fill('glass parcel');
  await page.getByText('1 tick found').waitFor();
  await page.getByRole('row', { name: /Sep 30, 2026 Mountain Project 5\.10c Glass Parcel.*Onsight Sport/ }).waitFor();
});

test('logging out closes the pages, and logging in by username opens them', async () => {
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'What have you really sent?' }).waitFor();
  await page.goto('/logbook?q=glass');
  await logIn(page, username, password);
  await page.waitForURL('**/logbook?q=glass');
  await page.getByRole('row', { name: /Glass Parcel/ }).first().waitFor();
});

test('the chosen theme is remembered', async () => {
  await page.getByRole('button', { name: 'Switch to the dark theme' }).click();
  await page.reload();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
  await page.getByRole('button', { name: 'Switch to the light theme' }).click();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), undefined, 'the system has light anyway');
});

test('nothing broke on the way', () => {
  assert.deepEqual(opened.complaints, []);
});

/** @returns {Promise<string | null | undefined>} */
function focusedLabel() {
  return page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
}

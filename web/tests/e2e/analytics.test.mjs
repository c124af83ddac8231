/** The charts of a climber's ticks: their figures are those of the file, and pointer, keyboard and address agree about them. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { startServer } from '../server.mjs';
import { launch, openPage, picture } from './browser.mjs';
import { fixture, signUpWithTicks } from './climber.mjs';

/** @typedef {{ Date: string, Pitches: string, Location: string, Length: string, Style: string, 'Lead Style': string, 'Route Type': string, Rating: string }} Row */

/** @type {import('../server.mjs').Server} */ let server;
/** @type {import('playwright-core').Browser} */ let browser;
/** @type {Awaited<ReturnType<typeof openPage>>} */ let opened;
/** @type {import('playwright-core').Page} */ let page;
/** @type {Row[]} */ let rows;
/** @type {string[]} */ const fetched = [];

before(async () => {
  rows = ticksOf(await readFile(fixture('ticks.csv'), 'utf8'));
  server = await startServer();
  browser = await launch();
  opened = await openPage(browser, server.url);
  page = opened.page;
  page.on('request', (request) => fetched.push(new URL(request.url()).pathname));
  await signUpWithTicks(page, 'chart.climber');
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test('the code of the charts is fetched when they are asked for', async () => {
  const charts = (/** @type {string} */ path) => /^\/assets\/Analytics-.*\.js$/.test(path);
  assert.equal(fetched.filter(charts).length, 0);
  await page.getByRole('link', { name: 'Analytics' }).click();
  await page.getByRole('heading', { name: 'Progression' }).waitFor();
  assert.equal(fetched.filter(charts).length, 1);
  assert.equal(await page.title(), 'Analytics · Cragbase');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Analytics', 'the new page has the focus');
});

test('progression ends with the hardest send, and says by which rule it counts', async () => {
  await page.getByText('Sport. Hardest send 5.12b;').waitFor();
  const last = (await labels()).at(-1) ?? '';
  assert.match(last, /^Fall, 2026: \d+ sends?, hardest 5\.\w+, mean of the 5 hardest 5\.\w+, median 5\.\w+, .*hardest so far 5\.12b$/);
  await page.getByText(/All sends of one discipline with a grade.*Not counted here: 20 attempts .*, 9 ticks without a result/).waitFor();
});

test('the arrow keys walk the periods, one tab stop for all, and the tip follows', async () => {
  const all = await labels();
  await page.getByRole('radio', { name: 'Season' }).focus();
  await page.keyboard.press('Tab');
  assert.equal(await focusedLabel(), all.at(-1), 'the latest period is the one to begin with');
  for (const [key, index] of /** @type {[string, number][]} */ ([['ArrowLeft', -2], ['Home', 0], ['ArrowLeft', 0], ['ArrowRight', 1], ['ArrowDown', 1]])) {
    await page.keyboard.press(key);
    assert.equal(await focusedLabel(), all.at(index), key);
  }
  const period = all[1]?.split(':')[0] ?? '';
  await page.locator('.tip', { hasText: period }).waitFor();
  await picture(page, 'analytics-keyboard');
  await page.keyboard.press('Escape');
  await page.locator('.tip').waitFor({ state: 'detached' });
});

test('the chart is also a table, and the address remembers both', async () => {
  const seasons = (await labels()).length;
  await page.getByRole('radio', { name: 'Onsight and redpoint' }).check();
  await page.getByRole('button', { name: 'Show as table' }).click();
  await page.waitForURL(/lines=styles.*view=table/);
  await page.reload();
  await page.getByRole('row', { name: /^Fall, 2026/ }).waitFor();
  assert.equal(await page.getByRole('row').count(), seasons + 1);
  await page.getByRole('button', { name: 'Show as table' }).click();
  await page.getByRole('listbox').waitFor();
});

test('volume adds up to the pitches of the file, in every bucket', async () => {
  await open('Volume');
  await page.getByText(`${sum(rows, 'Pitches')} pitches on `).waitFor();
  for (const by of ['Year', 'Season', 'Month', 'Week']) {
    await page.getByRole('radio', { name: by, exact: true }).check();
    await page.getByRole('listbox', { name: new RegExp(`^Pitches by ${by.toLowerCase()}`) }).waitFor();
    const said = await labels();
    assert.equal(total(said, /pitches (\d+)/), sum(rows, 'Pitches'), by);
    assert.equal(total(said, /ticks (\d+)/), rows.length, by);
  }
});

test('heights are in the unit that was asked for, and say what is estimated', async () => {
  await page.getByRole('radio', { name: 'Vertical' }).check();
  await page.getByText(/^Estimated: \d+ ft a pitch of/).waitFor();
  await page.getByRole('radio', { name: 'Metres' }).check();
  await page.getByText(/^Estimated: \d+ m a pitch of/).waitFor();
  await page.getByText('comes next').waitFor();
});

test('the calendar has the days of the file, as a picture and as figures', async () => {
  await open('Calendar');
  const days = new Set(rows.map((row) => row.Date));
  await page.getByText(`${days.size} days out with ${sum(rows, 'Pitches')} pitches`).waitFor();
  const of2025 = [...days].filter((day) => day.startsWith('2025'));
  await page.getByLabel('Days of').selectOption('2025');
  await page.getByRole('img', { name: new RegExp(`^2025: ${of2025.length} days out`) }).waitFor();
  const may = rows.filter((row) => row.Date.startsWith('2025-05'));
  const year = page.getByRole('region', { name: 'Pitches by month and year' }).getByRole('row', { name: /^2025/ });
  assert.equal(await year.getByRole('cell').nth(4).innerText(), may.length ? String(sum(may, 'Pitches')) : '');
  await page.getByRole('button', { name: 'Show as table' }).click();
  await page.waitForURL(/view=table/);
  const table = page.getByRole('region', { name: 'Days out, 2025' });
  assert.equal(await table.getByRole('row').count(), of2025.length + 1);
  await page.getByRole('button', { name: 'Show as table' }).click();
});

test('styles count the sends of the file', async () => {
  await open('Styles');
  await page.getByRole('listbox').waitFor();
  const sport = rows.filter((row) => row['Route Type'].startsWith('Sport') && ['Onsight', 'Flash', 'Redpoint', 'Pinkpoint'].includes(row['Lead Style']));
  const said = await labels();
  assert.equal(total(said, /: (\d+) sends?/), sport.length);
  assert.equal(total(said, /(\d+) onsight/), sport.filter((row) => row['Lead Style'] === 'Onsight').length);
});

test('a place of the tree narrows every chart, and the filter names it', async () => {
  await open('Places');
  await page.getByRole('button', { name: 'What is in Northmark' }).click();
  await page.getByRole('button', { name: 'Only this: Cold Fork' }).click();
  await page.waitForURL(/area=Northmark/);
  assert.equal(await page.getByRole('combobox', { name: 'Place' }).inputValue(), 'Northmark > Cold Fork');
  await open('Volume');
  const there = rows.filter((row) => row.Location.startsWith('Northmark > Cold Fork'));
  await page.getByText(`${sum(there, 'Pitches')} pitches on `).waitFor();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByText(`${sum(rows, 'Pitches')} pitches on `).waitFor();
  await page.waitForURL(/chart=volume/);
});

test('results can be picked, by keyboard too', async () => {
  await page.getByText('Every style').click();
  await page.getByRole('checkbox', { name: 'Onsight' }).check();
  await page.waitForURL(/style=onsight/);
  const onsights = rows.filter((row) => row['Lead Style'] === 'Onsight');
  await page.getByText(`${sum(onsights, 'Pitches')} pitches on `).waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await page.getByRole('checkbox', { name: 'Onsight' }).isVisible(), false);
  await page.getByRole('button', { name: 'Clear filters' }).click();
});

test('a period is compared with the one before, of the same length', async () => {
  const compare = page.getByRole('checkbox', { name: 'Compare with the period before' });
  assert.equal(await compare.isDisabled(), true, 'there is nothing before all time');
  await page.getByLabel('From', { exact: true }).fill('2025-01-01');
  await page.getByLabel('To', { exact: true }).fill('2025-12-31');
  await compare.check();
  await page.waitForURL(/compare=previous/);
  const before = rows.filter((row) => row.Date.startsWith('2024') && row.Date > '2024-01-01');
  await page.getByText(`In the period before: ${sum(before, 'Pitches')} pitches`).waitFor();
  await open('Calendar');
  await page.getByText(`In the period before: ${new Set(before.map((row) => row.Date)).size} days out.`).waitFor();
  await page.getByRole('radio', { name: 'All time' }).check();
  await page.waitForURL((url) => !url.search.includes('compare'));
  assert.equal(await compare.isChecked(), false);
});

for (const [link, heading, mark] of /** @type {const} */ ([
  ['Projects', 'Projects', 'Jagged Orchard'],
  ['Tries', 'Tries until the send', 'routes whose tries are known'],
  ['Breakthroughs', 'Breakthroughs', 'Kindly Echo'],
  ['Effort', 'Effort', 'at the limit or above'],
  ['Lengths', 'Lengths', 'pitches of known length'],
])) {
  test(`${link.toLowerCase()} are drawn, and are a table`, async () => {
    await open(link);
    await page.getByRole('heading', { name: heading, level: 2 }).waitFor();
    await page.getByText(mark).first().waitFor();
    await page.getByRole('button', { name: 'Show as table' }).click();
    await page.getByRole('table').first().waitFor();
    assert.ok((await page.getByRole('row').count()) > 3);
    await page.getByRole('button', { name: 'Show as table' }).click();
    await page.waitForURL((url) => !url.search.includes('view=table'));
  });
}

test('the pyramid is held against a goal', async () => {
  await page.getByRole('link', { name: 'Dashboard' }).click();
  await page.getByLabel('Goal').selectOption('normal');
  await page.waitForURL(/goal=normal/);
  await page.getByRole('option', { name: '5.12c: no route; goal 1, 1 missing' }).waitFor();
  await page.getByRole('option', { name: '5.12b: 1 route, 1 redpoint; goal 3, 2 missing' }).waitFor();
  await page.getByText(/^Still to send: .*2 routes at 5\.12b, and 1 route at 5\.12c\.$/).waitFor();
  await page.getByRole('button', { name: 'Show as table' }).click();
  const row = page.getByRole('row', { name: /^5\.12b/ });
  assert.deepEqual((await row.getByRole('cell').allInnerTexts()).slice(-3), ['1', '3', '2']);
});

test('when the code of the charts cannot be had, the page says so', async () => {
  const { context, page: other, complaints } = await openPage(browser, server.url, undefined, undefined, await opened.context.storageState());
  await other.route('**/assets/Analytics-*.js', (route) => route.abort());
  await other.goto('/analytics');
  await other.getByRole('heading', { name: 'This page did not load' }).waitFor();
  await other.unroute('**/assets/Analytics-*.js');
  await other.getByRole('button', { name: 'Load again' }).click();
  await other.getByRole('heading', { name: 'Progression' }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('nothing broke on the way', () => {
  assert.deepEqual(opened.complaints, []);
});

/** Goes to another chart. @param {string} chart */
async function open(chart) {
  await page.getByRole('navigation', { name: 'Charts' }).getByRole('link', { name: chart }).click();
  await page.getByRole('region', { name: chart === 'Tries' ? 'Tries until the send' : chart, exact: true }).waitFor();
}

/** @returns {Promise<string[]>} what the marks of the first chart say */
function labels() {
  return page.getByRole('listbox').first().getByRole('option').evaluateAll((all) => all.map((mark) => mark.getAttribute('aria-label') ?? ''));
}

/** @returns {Promise<string | null | undefined>} */
function focusedLabel() {
  return page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
}

/** Adds up the numbers that a pattern finds. @param {string[]} texts @param {RegExp} pattern */
function total(texts, pattern) {
  return texts.reduce((all, text) => all + Number(pattern.exec(text)?.[1] ?? 0), 0);
}

/** @param {Row[]} some @param {keyof Row} column */
function sum(some, column) {
  return some.reduce((all, row) => all + Number(row[column]), 0);
}

/** The ticks of an export: its rows with a day. @param {string} text @returns {Row[]} */
function ticksOf(text) {
  const records = [...text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\n]*))(,|\n|$)/g)].reduce(
    (all, [, quoted, plain, end]) => {
      all.at(-1)?.push(quoted ?? plain ?? '');
      if (end === '\n') all.push([]);
      return all;
    },
    /** @type {string[][]} */ ([[]]),
  );
  const [head = [], ...lines] = records;
  return lines
    .map((cells) => /** @type {Row} */ (Object.fromEntries(head.map((name, index) => [name, cells[index] ?? '']))))
    .filter((row) => /^\d{4}-\d\d-\d\d$/.test(row.Date));
}

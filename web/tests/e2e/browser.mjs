/** A Chromium that watches every page for console errors and breaches of the content policy. */
import { execFileSync } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** @typedef {{ width: number, height: number }} Size */

export const wide = { width: 1280, height: 900 };
export const narrow = { width: 375, height: 780 };

/** Launches the system's Chromium; CHROMIUM_BIN names another one. Each launch has a fresh profile. */
export function launch() {
  const executablePath = process.env.CHROMIUM_BIN ?? execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim();
  return chromium.launch({ executablePath, args: flags, headless: true });
}

/**
 * Opens a page whose complaints are collected in `complaints`; a test asserts that it stays empty.
 * @param {import('playwright-core').Browser} browser
 * @param {string} baseURL
 * @param {Size} [viewport]
 * @param {'light' | 'dark'} [colorScheme]
 * @param {import('playwright-core').BrowserContextOptions['storageState']} [storageState] a session to begin with
 */
export async function openPage(browser, baseURL, viewport = wide, colorScheme = 'light', storageState = { cookies: [], origins: [] }) {
  const context = await browser.newContext({ baseURL, viewport, colorScheme, storageState, locale: 'en-US', timezoneId: 'Europe/Vienna' });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  /** @type {string[]} */
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !isExpected(message.text())) complaints.push(`console: ${message.text()}`);
  });
  return { context, page, complaints };
}

/** Chromium logs each refused or cut request as an error; tests that provoke one expect just that line. */
function isExpected(/** @type {string} */ text) {
  return /^Failed to load resource: (the server responded with a status of (4\d\d|503)|net::ERR_FAILED)/.test(text);
}

/**
 * Runs axe on the page and returns its findings, one line each. axe is run over the debugging protocol,
 * which the page's content policy does not concern.
 * @param {import('playwright-core').Page} page
 * @returns {Promise<string[]>}
 */
export async function axeFindings(page) {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    // @ts-expect-error axe is what the line above defined.
    const { violations } = await globalThis.axe.run(document, { resultTypes: ['violations'] });
    return violations.flatMap((/** @type {any} */ rule) =>
      rule.nodes.map((/** @type {any} */ node) => `${rule.id}: ${node.target.join(' ')} ${node.failureSummary.replace(/\s+/g, ' ')}`),
    );
  });
}

/** Whether the page can be scrolled sideways, which it must not. */
export function overflows(/** @type {import('playwright-core').Page} */ page) {
  return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}

/**
 * Saves a picture of the whole page into the folder named by SCREENSHOTS, if any.
 * @param {import('playwright-core').Page} page
 * @param {string} name
 */
export async function picture(page, name) {
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

/**
 * Waits until nothing of a locator is left on the page: what ends does so a moment after what is seen.
 * @param {import('playwright-core').Locator} what
 */
export async function gone(what) {
  await what.first().waitFor({ state: 'detached', timeout: 5_000 });
}

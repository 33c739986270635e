import { existsSync } from 'node:fs';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The system's Chromium; undefined where there is none. */
export const CHROMIUM: string | undefined = PLACES.find((path) => existsSync(path));

export function startBrowser(): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error('Chromium is not installed');
  return chromium.launch({ executablePath: CHROMIUM });
}

/** A browser's window with its own cookies, and what its console complained of. */
export interface Visitor {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Without the lines that say that a page's status is not 200, which is meant. */
  readonly complaints: readonly string[];
}

export async function openVisitor(browser: Browser, options: BrowserContextOptions = {}): Promise<Visitor> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    const isStatus = message.text().startsWith('Failed to load resource: the server responded with');
    if (!isStatus && ['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { page, context, complaints };
}

/** Does something that leads to another page, and waits until that is there. */
export async function leaving(page: Page, act: () => Promise<unknown>): Promise<void> {
  await Promise.all([page.waitForNavigation(), act()]);
}

/** Types into the field that the page puts the focus in by itself; fails when it is another. */
export async function typeInto(page: Page, selector: string, text: string): Promise<void> {
  await page.waitForSelector(`${selector}:focus`);
  await page.keyboard.type(text);
}

/** Presses Tab until the control has the focus; fails when it never does. */
export async function tabTo(page: Page, selector: string): Promise<void> {
  const wanted = page.locator(selector);
  for (let presses = 0; presses < 20; presses += 1) {
    if (await wanted.evaluate((element) => element === element.ownerDocument.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the keyboard does not reach ${selector}`);
}

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pkce } from '../http/oauth-browser.ts';
import { startTestServer, type TestServer } from '../server.ts';
import { CHROMIUM, leaving, openVisitor, startBrowser, tabTo, typeInto, type Visitor } from './browser.ts';
import { type CallbackServer, startCallback } from './client.ts';

const PASSWORD = 'correct horse battery';
const ADA = 'ada@example.org';
const SCOPE = 'openid offline_access https://api.security.microsoft.com/AdvancedHunting.Read';
const PHONE = { viewport: { width: 375, height: 667 }, isMobile: true, hasTouch: true };

if (CHROMIUM === undefined && process.env['CI'] === 'true')
  throw new Error('the pages are tried in Chromium, which is not installed');

const where = CHROMIUM === undefined ? 'Chromium, which is not installed' : 'Chromium';

describe.skipIf(CHROMIUM === undefined)(`the pages, in ${where}`, () => {
  let spoor: TestServer;
  let client: { readonly id: string };
  let callback: CallbackServer;
  let browser: Browser;

  beforeAll(async () => {
    [spoor, callback, browser] = await Promise.all([
      startTestServer(['--sample'], { SPOOR_QUOTAS: 'unlimited' }),
      startCallback(),
      startBrowser(),
    ]);
    await spoor.administer('users', { upn: ADA, name: 'Ada', password: PASSWORD, roles: ['administrator'] });
    client = await spoor.administer('applications', {
      name: 'Notebook <i>',
      isPublic: true,
      scopes: ['AdvancedHunting.Read'],
      redirectUris: [{ uri: 'http://localhost/callback', kind: 'public' }],
    });
  });
  afterAll(async () => {
    await browser?.close();
    await callback?.close();
    await spoor?.remove();
  });

  function authorizeUrl(challenge: string, more: Readonly<Record<string, string>> = {}): string {
    const query = new URLSearchParams({
      client_id: client.id,
      response_type: 'code',
      redirect_uri: callback.url,
      scope: SCOPE,
      state: 'mine',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...more,
    });
    return `${spoor.url}/${spoor.tenant}/oauth2/v2.0/authorize?${query}`;
  }

  async function token(fields: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
    const answer = await fetch(`${spoor.url}/${spoor.tenant}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: client.id, ...fields }),
    });
    return (await answer.json()) as Record<string, unknown>;
  }

  function redeem(code: string | null, verifier: string) {
    const grant = { grant_type: 'authorization_code', redirect_uri: callback.url, code_verifier: verifier };
    return token({ ...grant, code: code ?? '' });
  }

  async function hunt(bearer: unknown): Promise<unknown> {
    const answer = await fetch(`${spoor.url}/api/advancedhunting/run`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}` },
      body: JSON.stringify({ Query: 'print Seen = 1' }),
    });
    return ((await answer.json()) as { Results?: unknown }).Results;
  }

  /** For an event of the sample; gives the alert's id. */
  async function raiseAlert(): Promise<string> {
    const roles = ['AdvancedHunting.Read.All', 'Alert.ReadWrite.All'];
    const app = await spoor.administer<{ clientId: string; clientSecret: string }>('apps', {
      name: 'a',
      roles,
    });
    const given = await token({
      grant_type: 'client_credentials',
      client_id: app.clientId,
      client_secret: app.clientSecret,
      scope: `${spoor.url}/.default`,
    });
    const call = async (path: string, body: object) => {
      const answer = await fetch(spoor.url + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${given['access_token']}` },
        body: JSON.stringify(body),
      });
      return answer.json();
    };
    const query = 'DeviceProcessEvents | where isnotempty(DeviceId) | take 1';
    const { Results } = (await call('/api/advancedhunting/run', { Query: query })) as {
      Results: readonly Readonly<Record<string, unknown>>[];
    };
    const { id } = (await call('/api/alerts/CreateAlertByReference', {
      machineId: Results[0]?.['DeviceId'],
      reportId: Results[0]?.['ReportId'],
      eventTime: Results[0]?.['Timestamp'],
      severity: 'Low',
      title: 'Raised <i>by hand</i>',
      description: 'd',
      recommendedAction: 'r',
      category: 'Execution',
    })) as { id: string };
    return id;
  }

  async function signIn({ page }: Visitor): Promise<void> {
    await page.fill('#username', ADA);
    await page.fill('#password', PASSWORD);
    await leaving(page, () => page.keyboard.press('Enter'));
  }

  /** Nothing of a page may hang over its edge, on a phone least of all. */
  async function expectFits({ page }: Visitor): Promise<void> {
    const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(over, page.url()).toBeLessThanOrEqual(0);
  }

  test.each([
    ['at a desk', {}],
    ['on a phone', PHONE],
    ['on a phone without script', { ...PHONE, javaScriptEnabled: false }],
  ])('sign-in, consent, code, token and hunt, with the keyboard alone, %s', async (_where, options) => {
    const { verifier, challenge } = pkce();
    const visitor = await openVisitor(browser, options);
    const { page } = visitor;
    await page.goto(authorizeUrl(challenge, { prompt: 'consent' }));
    await typeInto(page, '#username', ADA);
    await tabTo(page, '#password');
    await page.keyboard.type('not the password');
    await leaving(page, () => page.keyboard.press('Enter'));
    expect(await page.locator('[role=alert]').count()).toBe(1);
    expect(await page.inputValue('#username')).toBe(ADA);
    await typeInto(page, '#password', PASSWORD);
    await tabTo(page, 'button');
    await leaving(page, () => page.keyboard.press('Enter'));
    expect(await page.locator('main').textContent()).toContain('Notebook <i>');
    await expectFits(visitor);
    await tabTo(page, 'button[value=accept]');
    await leaving(page, () => page.keyboard.press('Enter'));
    const { fields } = await callback.answer();
    expect(fields.get('state')).toBe('mine');
    const { access_token } = await redeem(fields.get('code'), verifier);
    expect(await hunt(access_token)).toEqual([{ Seen: 1 }]);
    expect(visitor.complaints).toEqual([]);
    await visitor.context.close();
  });

  test('declining goes back to the application', async () => {
    const visitor = await openVisitor(browser);
    await visitor.page.goto(authorizeUrl(pkce().challenge, { prompt: 'consent' }));
    await signIn(visitor);
    await leaving(visitor.page, () => visitor.page.click('button[value=cancel]'));
    expect((await callback.answer()).fields.get('error')).toBe('access_denied');
    expect(visitor.complaints).toEqual([]);
    await visitor.context.close();
  });

  test('an answer by form_post sends itself on', async () => {
    const { verifier, challenge } = pkce();
    const visitor = await openVisitor(browser);
    await visitor.page.goto(authorizeUrl(challenge, { response_mode: 'form_post', prompt: 'consent' }));
    await signIn(visitor);
    await visitor.page.click('button[value=accept]');
    const { method, fields } = await callback.answer();
    expect([method, fields.get('state')]).toEqual(['POST', 'mine']);
    expect(await redeem(fields.get('code'), verifier)).toMatchObject({ token_type: 'Bearer' });
    expect(visitor.complaints).toEqual([]);
    await visitor.context.close();
  });

  test('without script it is a button that sends it on', async () => {
    const visitor = await openVisitor(browser, { javaScriptEnabled: false });
    const { page } = visitor;
    await page.goto(authorizeUrl(pkce().challenge, { response_mode: 'form_post', prompt: 'consent' }));
    await signIn(visitor);
    await leaving(page, () => page.click('button[value=accept]'));
    await page.waitForSelector('button:focus');
    await leaving(page, () => page.keyboard.press('Enter'));
    expect((await callback.answer()).method).toBe('POST');
    await visitor.context.close();
  });

  test('a device signs in by its code', async () => {
    const asked = await fetch(`${spoor.url}/${spoor.tenant}/oauth2/v2.0/devicecode`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: client.id, scope: SCOPE }),
    });
    const device = (await asked.json()) as Record<string, string>;
    const visitor = await openVisitor(browser, PHONE);
    const { page } = visitor;
    await page.goto(device['verification_uri'] ?? '');
    await signIn(visitor);
    await typeInto(page, '#code', 'WRONGONE');
    await leaving(page, () => page.keyboard.press('Enter'));
    expect(await page.locator('[role=alert]').count()).toBe(1);
    // As people type it.
    await typeInto(page, '#code', ` ${device['user_code']?.toLowerCase()} `);
    await leaving(page, () => page.keyboard.press('Enter'));
    expect(await page.locator('main').textContent()).toContain('Notebook <i>');
    await expectFits(visitor);
    await leaving(page, () => page.click('button[value=accept]'));
    const grant = 'urn:ietf:params:oauth:grant-type:device_code';
    const given = await token({ grant_type: grant, device_code: device['device_code'] ?? '' });
    expect(await hunt(given['access_token'])).toEqual([{ Seen: 1 }]);
    expect(visitor.complaints).toEqual([]);
    await visitor.context.close();
  });

  test('an administrator consents for everyone, and signs out', async () => {
    const visitor = await openVisitor(browser, PHONE);
    const { page } = visitor;
    const query = new URLSearchParams({ client_id: client.id, redirect_uri: callback.url, state: 'mine' });
    await page.goto(`${spoor.url}/${spoor.tenant}/adminconsent?${query}`);
    await signIn(visitor);
    await expectFits(visitor);
    await leaving(page, () => page.click('button[value=accept]'));
    const { fields } = await callback.answer();
    expect([fields.get('admin_consent'), fields.get('state')]).toEqual(['True', 'mine']);

    await page.goto(`${spoor.url}/${spoor.tenant}/oauth2/v2.0/logout`);
    await leaving(page, () => page.click('button'));
    await page.goto(authorizeUrl(pkce().challenge));
    expect(await page.locator('#password').count()).toBe(1);
    expect(visitor.complaints).toEqual([]);
    await visitor.context.close();
  });

  test('an incident leads to its alert and its evidence', async () => {
    const alert = await raiseAlert();
    const visitor = await openVisitor(browser, PHONE);
    const { page } = visitor;
    await page.goto(`${spoor.url}/incidents/byalert?alertId=${alert}`);
    await signIn(visitor);
    await expectFits(visitor);
    await leaving(page, () => page.click(`a[href="/alert/${alert}"]`));
    expect(await page.locator('h1').textContent()).toBe('Raised <i>by hand</i>');
    expect(await page.locator('.level').textContent()).toBe('Low');
    const first = page.locator('dt:text-is("First event") + dd time');
    expect(await first.textContent()).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
    expect(await first.getAttribute('datetime')).toMatch(/^\d{4}-.*Z$/);
    await expectFits(visitor);
    await leaving(page, () => page.click('text=Sign out'));
    expect(await page.locator('main').textContent()).toContain(ADA);
    expect(visitor.complaints).toEqual([]);
    await visitor.context.close();
  });

  test.each(['/', '/device', '/error?code=50126', '/incidents/1'])('%s is a whole page', async (path) => {
    const visitor = await openVisitor(browser, PHONE);
    await visitor.page.goto(spoor.url + path);
    expect(await visitor.page.locator('main h1').count()).toBe(1);
    await expectFits(visitor);
    const icon = await visitor.page.locator('link[rel=icon]').getAttribute('href');
    expect((await fetch(spoor.url + icon)).status).toBe(200);
    expect(visitor.complaints).toEqual([]);
    await visitor.context.close();
  });

  test('a page of ours shows in no frame', async () => {
    const visitor = await openVisitor(browser);
    const { page } = visitor;
    await page.goto(callback.url.replace('/callback', '/framing'));
    await page.setContent(`<iframe src="${authorizeUrl(pkce().challenge)}"></iframe>`);
    await expect.poll(() => visitor.complaints.join()).toContain('frame-ancestors');
    expect(await page.frameLocator('iframe').locator('#password').count()).toBe(0);
    await visitor.context.close();
  });
});

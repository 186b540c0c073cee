import { findChromium } from '@agentao-tooling/engines';
import { tone } from '@agentao/audio';
import type { ActiveCall } from '@agentao/calls';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTonePage, type TonePage } from './chromium-page.ts';
import { agentNumber, type ConsoleLine, openConsoleLine } from './console-line.ts';
import { meterDb, softphoneOf, type SoftphonePage } from './softphone-page.ts';

const { path: executablePath } = findChromium();

describe.skipIf(executablePath === undefined)('the view of calls', () => {
  let line: ConsoleLine;
  let browser: TonePage;
  let caller: SoftphonePage;
  let callee: SoftphonePage;
  let call: ActiveCall;

  beforeAll(async () => {
    line = await openConsoleLine();
    browser = await openTonePage({ executablePath: executablePath ?? '' });
    await browser.page.goto(line.link());
    [caller, callee] = [softphoneOf(browser.page, 'Caller'), softphoneOf(browser.page, 'Callee')];
    await caller.plugIn();
    await callee.plugIn();
    await caller.click('Call');
    call = await line.nextCall();
  });

  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await line?.[Symbol.asyncDispose]();
  });

  const detail = (page: Page = browser.page): Locator => page.getByRole('region', { name: 'Selected call' });
  const hearing = (): Locator => detail().getByRole('region', { name: 'Who hears whom' });
  const rows = (page: Page = browser.page): Locator =>
    page.getByRole('table', { name: 'Calls' }).locator('tbody').getByRole('row');
  /** State and mode of the call in a row, as they are shown. */
  const cells = (row = 0): Promise<readonly string[]> => rows().nth(row).getByRole('cell').allInnerTexts();
  /** Who hears whom, in words: a line for each who hears. */
  const heardBy = async (): Promise<readonly string[]> =>
    (await hearing().locator('dl > div').allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' '));
  /** Who hears whom, by the arrows of the picture: `speaker > hearer`. */
  const arrows = (): Promise<readonly string[]> =>
    hearing()
      .locator('path.cord[data-on][marker-end]')
      .evaluateAll((cords) =>
        cords.map((cord) => `${cord.getAttribute('data-speaker')} > ${cord.getAttribute('data-hearer')}`).sort(),
      );
  const timeline = (): Locator => detail().getByRole('region', { name: 'Timeline' }).locator('tbody').getByRole('row');
  const timelineText = async (): Promise<readonly (readonly string[])[]> =>
    Promise.all((await timeline().all()).map((row) => row.getByRole('cell').allInnerTexts()));

  const between = ['callee > caller', 'caller > callee'];
  const toAgent = ['callee > agent', 'caller > agent'];

  it('follows a call from state to state, in its row and in one sentence', async () => {
    const { page } = browser;
    await rows()
      .getByRole('cell', { name: /^Pending/ })
      .waitFor();
    expect((await cells())[0]).toContain(agentNumber);
    await hearing().getByText('The caller waits to be answered.').waitFor();
    await call.answer();
    await rows()
      .getByRole('cell', { name: /^Answered/ })
      .waitFor();
    await hearing().getByText('Caller and agent talk.').waitFor();
    expect(await heardBy()).toEqual(['Caller hears agent', 'Callee hears nobody', 'Agent hears caller']);
    const connected = call.connect();
    await rows().getByText('ringing', { exact: true }).waitFor();
    await hearing().getByText('Caller and agent talk while the callee is rung.').waitFor();
    await callee.click('Answer');
    await connected;
    await rows()
      .getByRole('cell', { name: /^Connected/ })
      .waitFor();
    await page.getByText('1 live').waitFor();
  });

  it.each([
    ['barge', 'callee and agent', 'caller and agent', ['agent > callee', 'agent > caller']],
    ['whisper', 'callee', 'caller and agent', ['agent > callee']],
    ['spy', 'callee', 'caller', []],
  ] as const)('says and draws who hears whom in %s', async (mode, toCaller, toCallee, ofAgent) => {
    await call[mode]();
    await rows().getByRole('cell', { name: mode, exact: true }).waitFor();
    await hearing()
      .getByText(new RegExp(`^${mode}: `, 'i'))
      .waitFor();
    expect(await heardBy()).toEqual([
      `Caller hears ${toCaller}`,
      `Callee hears ${toCallee}`,
      'Agent hears caller and callee',
    ]);
    expect(await arrows()).toEqual([...ofAgent, ...between, ...toAgent].sort());
  });

  it('shows how loud each party is', async () => {
    const level = (party: string): Promise<number> => meterDb(hearing(), `${party} says`);
    await expect.poll(() => level('Caller')).toBeCloseTo(-20, -1);
    await expect.poll(() => level('Callee')).toBeCloseTo(-20, -1);
    expect(await level('Agent')).toBe(-120);
    void call.play(tone({ frequencyHz: 600, durationMs: 2_000, sampleRateHz: call.sampleRateHz, levelDb: -10 }));
    await expect.poll(() => level('Agent')).toBeCloseTo(-10, -1);
    await callee.click('Mute');
    await expect.poll(() => level('Callee')).toBe(-120);
    await callee.click('Mute');
  });

  it('adds what happens to the timeline, in its order, with its time', async () => {
    const shown = async (): Promise<readonly string[]> =>
      (await timelineText()).map(([, what, details]) => `${what} ${details}`);
    expect(await shown()).toEqual(
      expect.arrayContaining([
        'call.answered ',
        'command connect ',
        expect.stringMatching(/^call.mode_changed mode spy/),
      ]),
    );
    const before = await timelineText();
    await call.whisper();
    await expect
      .poll(async () => (await shown()).slice(before.length))
      .toContainEqual(expect.stringMatching(/^call.mode_changed mode whisper/));
    const after = await timelineText();
    expect(after.slice(0, before.length)).toEqual(before);
    const times = after.map(([time = '']) => time);
    for (const time of times) expect(time).toMatch(/^\d+\.\d{3}$/);
    expect(times.map(Number)).toEqual(times.map(Number).toSorted((a, b) => a - b));
    expect(Number(times.at(-1))).toBeGreaterThan(Number(before.at(-1)?.[0]));
  });

  it('makes a link that lets a second browser watch, and no more', async () => {
    const { page, context } = browser;
    await page.getByRole('button', { name: 'Invite' }).click();
    await page.getByRole('button', { name: 'Make a link' }).click();
    const link = await page.getByLabel('Link for one viewer').inputValue();
    await page.keyboard.press('Escape');
    const other = await context.browser()?.newContext();
    if (other === undefined) throw new Error('the browser is gone');
    const viewer = await other.newPage();
    await viewer.goto(link);
    await viewer.getByRole('banner').getByText('Viewer', { exact: true }).waitFor();
    await detail(viewer).getByText(call.callId).waitFor();
    expect(await viewer.getByRole('button', { name: /^(Plug in|Invite)$/ }).count()).toBe(0);
    await other.close();
  });

  it('keeps a call that has ended, says how, and shows the one that is chosen', async () => {
    await caller.click('Hang up');
    await call.ended;
    await rows()
      .getByRole('cell', { name: /The caller hung up$/ })
      .waitFor();
    await hearing().getByText('The call has ended: the caller hung up.').waitFor();
    expect(await arrows()).toEqual([]);
    await caller.click('Call');
    const next = await line.nextCall();
    await next.answer();
    // The newest live one is shown until somebody chooses.
    await detail().getByText(next.callId).waitFor();
    expect(await rows().count()).toBe(2);
    await rows().nth(1).getByRole('button').click();
    await detail().getByText(call.callId).waitFor();
    expect((await timelineText()).at(-1)).toEqual([expect.any(String), 'ended', 'reason hangup, by caller']);
    await rows().nth(0).getByRole('button').click();
    await detail().getByText(next.callId).waitFor();
    await expect.poll(async () => (await timelineText()).map(([, what]) => what)).toContain('command answer');
    await caller.click('Hang up');
    await next.ended;
  });

  it('writes no error and no warning to the console', () => {
    expect(browser.complaints).toEqual([]);
  });
});

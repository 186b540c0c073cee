import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from '@agentao-tooling/engines';
import { runAgentao } from '@agentao-tooling/e2e/agentao-command';
import { readModelRules } from '@agentao/testing';
import { createLiveServer, type LiveServer } from '@agentao/testing/live';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTonePage, outputFile, type TonePage } from './chromium-page.ts';
import { softphoneOf } from './softphone-page.ts';

/** What somebody does at the two softphones of the page, and sees in its transcript. */
interface Talk {
  /** The caller says it, by text. */
  say(text: string): Promise<void>;
  /** The caller presses a key of their keypad. */
  press(digit: string): Promise<void>;
  /** Waits until the transcript has the words. */
  reads(words: string): Promise<void>;
  /** The person who was called is rung, and presses this. */
  callee(button: 'Answer' | 'Reject'): Promise<void>;
  /** Waits until so many conversations with the model have begun. */
  conversations(count: number): Promise<void>;
}

/** One call to each app, by text, keypad and mouse, through the browser, the switch and the Gemini SDK to the local Live server. */
const talks: Readonly<Record<string, (talk: Talk) => Promise<void>>> = {
  gemini: async ({ say, reads }) => {
    await reads('How can I help you?');
    await say('Is the bicycle with ticket 42 ready?');
    await reads('the red tandem is ready');
    await reads('Is the bicycle with ticket 42 ready?');
    await reads('repair_status');
  },
  'after-hours-voicemail': async ({ say, reads }) => {
    await reads('Please leave a message now');
    await say('Call me');
    await reads('your message is kept');
  },
  'appointment-booking': async ({ say, press, reads }) => {
    await reads('How can I help you?');
    await say('When');
    await reads('Which one?');
    await press('2');
    await reads('You are booked for');
    await reads('free_slots');
    await reads('book');
  },
  'call-coaching': async ({ say, reads, callee, conversations }) => {
    await callee('Answer');
    await conversations(2);
    await say('It is too expensive');
    await reads('note');
    await reads('advise');
    await reads('Offer ten percent');
  },
  'database-lookup': async ({ say, reads, callee }) => {
    await reads('You have 2 open tickets');
    await say('A person please');
    await reads('hand_off');
    await callee('Answer');
  },
  // By keys alone, which an overloaded machine does not garble.
  'human-escalation': async ({ press, reads, callee }) => {
    await reads('What does not work');
    await press('0');
    await reads('escalate');
    await callee('Reject');
    await reads('Nobody picks up');
  },
  'interactive-notifications': async ({ say, press, reads }) => {
    await reads('Shall I read');
    await press('1');
    await reads('Your parcel arrives tomorrow');
    await say('Got it');
    await reads('acknowledge');
    await reads('Your invoice is due');
  },
};

async function dial(page: Page, server: LiveServer, talk: (talk: Talk) => Promise<void>): Promise<void> {
  const [caller, callee] = [softphoneOf(page, 'Caller'), softphoneOf(page, 'Callee')];
  for (const phone of [callee, caller]) {
    await phone.plugIn();
    await phone.click('Mute');
  }
  await caller.click('Call');
  const transcript = page.getByRole('region', { name: 'Transcript' });
  await talk({
    say: async (text) => {
      await caller.region.getByLabel('Say by text').fill(text);
      await caller.click('Say');
    },
    press: (digit) => caller.click(digit),
    reads: (words) => transcript.getByText(words).first().waitFor(),
    callee: async (button) => {
      await callee.click(button);
      if (button === 'Answer') await callee.offers('Hang up');
    },
    conversations: (count) => expect.poll(() => server.sessions.length).toBe(count),
  });
}

const { path: executablePath } = findChromium();
/** Each takes some twenty seconds of speech, for which continuous integration has no time. */
const isSkipped = executablePath === undefined || process.env['CI'] !== undefined;

describe.skipIf(isSkipped)('from a browser', () => {
  let folder: string;
  let browser: TonePage;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'agentao-apps-'));
    browser = await openTonePage({ executablePath: executablePath ?? '' });
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  it.each(Object.entries(talks))('somebody talks to %s by text and keypad', async (name, talk) => {
    const app = new URL(`../../../apps/${name}/`, import.meta.url);
    const rules = readModelRules(JSON.parse(await readFile(new URL('model.json', app), 'utf8')), 'model.json');
    await using server = await createLiveServer({ rules, thinkMs: 50 });
    const env = { GEMINI_API_KEY: 'any', GOOGLE_GEMINI_BASE_URL: server.url, AGENTAO_APP_DATA: join(folder, name) };
    const dev = runAgentao(['dev', fileURLToPath(new URL('src/main.ts', app)), '--port', '0'], folder, env);
    try {
      const [link] = await dev.said(/http:\/\/\S+#sign-in=\S+/);
      // A call that comes before is the callee's.
      await dev.said(/Ready: the agent takes calls/);
      await using visit = await browser.another();
      const { page, complaints } = visit;
      await page.goto(link);
      await dial(page, server, talk);
      await page.screenshot({ path: await outputFile(`console-${name}.png`), fullPage: true });
      expect(complaints).toEqual([]);
    } finally {
      dev.kill('SIGTERM');
      await dev.outcome;
    }
  });
});

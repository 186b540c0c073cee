import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeWav, tone } from '@agentao/audio';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { tapEars } from './ear-tap.ts';

/** A page in a browser process of its own, whose microphone hears one tone. */
export interface TonePage extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** The browser's processes stand still, as when a laptop sleeps, until `wake`. */
  sleep(): void;
  wake(): void;
  /** Kills the browser: no page is asked. */
  kill(): Promise<void>;
  /** Errors and warnings that the page wrote to its console, and what it threw. */
  readonly complaints: readonly string[];
  /** Another page of this browser, which knows nothing of the first one; closed with the browser, or before. */
  another(): Promise<{ readonly page: Page; readonly complaints: readonly string[] } & AsyncDisposable>;
}

/** What the microphone hears, and whether the page may have it. */
export interface TonePageOptions {
  readonly executablePath: string;
  readonly frequencyHz?: number;
  /** Default: granted. */
  readonly microphone?: 'granted' | 'refused';
  readonly colorScheme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
}

const microphoneLevelDb = -20;
/** Longer than any test: the file begins anew with a click. */
const microphoneMs = 110_000;

/** Starts a browser with a page that is still empty. */
export async function openTonePage(options: TonePageOptions): Promise<TonePage> {
  const { executablePath, frequencyHz = 440, microphone = 'granted', colorScheme = 'light' } = options;
  const { viewport = { width: 1280, height: 900 } } = options;
  const folder = await mkdtemp(join(tmpdir(), 'agentao-browser-'));
  const wav = join(folder, 'microphone.wav');
  const sampleRateHz = 48_000;
  const samples = tone({ frequencyHz, durationMs: microphoneMs, sampleRateHz, levelDb: microphoneLevelDb });
  await writeFile(wav, encodeWav(samples, { sampleRateHz }));
  const server = await chromium.launchServer({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-fake-device-for-media-stream',
      ...(microphone === 'granted' ? ['--use-fake-ui-for-media-stream'] : ['--deny-permission-prompts']),
      `--use-file-for-fake-audio-capture=${wav}`,
    ],
  });
  const { pid } = server.process();
  if (pid === undefined) throw new Error('the browser has no process');
  const browser = await chromium.connect(server.wsEndpoint());
  const open = async (): Promise<Pick<TonePage, 'page' | 'context' | 'complaints'>> => {
    const context = await browser.newContext({ colorScheme, viewport });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      // The tap's own, in ear-tap.ts.
      if (message.text().startsWith('The ScriptProcessorNode is deprecated')) return;
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await tapEars(page);
    return { page, context, complaints };
  };
  return {
    ...(await open()),
    another: async () => {
      const { page, context, complaints } = await open();
      return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
    },
    // It heads a process group of its own.
    sleep: () => void process.kill(-pid, 'SIGSTOP'),
    wake: () => void process.kill(-pid, 'SIGCONT'),
    kill: () => server.kill(),
    [Symbol.asyncDispose]: async () => {
      if (server.process().exitCode === null && server.process().signalCode === null) process.kill(-pid, 'SIGCONT');
      await browser.close();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const outputFolder = fileURLToPath(new URL('../../../.ci/output/', import.meta.url));

/** Where a file that people may want to look at is kept: `.ci/output`. */
export async function outputFile(name: string): Promise<string> {
  await mkdir(outputFolder, { recursive: true });
  return join(outputFolder, name);
}

import { withDeadline } from '@agentao/clock';
import { CommandError } from '../command-error.ts';
import { readDevFile } from '../sandbox/dev-file.ts';
import { httpUrl, signInLink } from '../sandbox/sign-in-link.ts';
import type { CommandContext } from './command-context.ts';

/** Options of `agentao console`. */
export interface ConsoleOptions {
  /** Whoever opens the link may watch and do nothing else. */
  readonly viewer: boolean;
  /** Prints one line of JSON instead. */
  readonly json: boolean;
}

const answerWithinMs = 5_000;

/** Prints a fresh link to the console of the switch that runs in this folder. Returns the exit code. */
export async function printConsoleLink(context: CommandContext, { viewer, json }: ConsoleOptions): Promise<number> {
  const { terminal, cwd } = context;
  const { url, operatorToken } = await readDevFile(cwd);
  const page = await ask(context, url, { path: '/', method: 'HEAD' });
  if (page.status === 404) throw new CommandError(`The switch at ${url} has no console: its page has not been built.`);
  const role = viewer ? 'viewer' : 'operator';
  const headers = { authorization: `Bearer ${operatorToken}` };
  const reply = await ask(context, url, { path: `/sign-in?role=${role}`, method: 'POST', headers });
  if (reply.status !== 201) {
    throw new CommandError(`The switch at ${url} gives no link (HTTP ${reply.status}). Is it the one of this folder?`);
  }
  const { token, expiresInMs } = (await reply.json()) as { readonly token: string; readonly expiresInMs: number };
  const link = signInLink(url, token);
  if (json) {
    terminal.line(JSON.stringify({ url: link, role, expiresInMs }));
    return 0;
  }
  terminal.line(`  ${terminal.colours.bold(link)}`);
  const mayDo = viewer ? 'to watch' : 'to watch and to make calls';
  terminal.line(`  It signs one browser in ${mayDo}, within ${Math.round(expiresInMs / 60_000)} minutes.`);
  return 0;
}

interface Question {
  readonly path: string;
  readonly method: 'HEAD' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask({ clock, fetch }: CommandContext, url: string, { path, ...init }: Question): Promise<Response> {
  const giveUp = new AbortController();
  const error = (): Error => new CommandError(`The switch at ${url} does not answer.`);
  try {
    const reply = fetch(`${httpUrl(url)}${path}`, { ...init, signal: giveUp.signal });
    return await withDeadline(clock, reply, { timeoutMs: answerWithinMs, error });
  } catch {
    giveUp.abort();
    throw error();
  }
}

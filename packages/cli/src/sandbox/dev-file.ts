import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError } from '../command-error.ts';

/** What a running `agentao dev` leaves for `agentao call` in the same folder. */
export interface DevEntry {
  /** Base URL of the switch. */
  readonly url: string;
  /** Opens phone sockets; whoever reads the file may place calls. */
  readonly operatorToken: string;
  /** The number the agent's connector serves. */
  readonly number: string;
  /** Process id of the switch. */
  readonly pid: number;
}

/** The folder for everything the command writes, under the current one. */
export const workFolder = '.agentao';
const fileName = 'dev.json';

/** Writes the entry, readable by its owner only, and returns what removes it again, unless another switch has replaced it. */
export async function writeDevFile(cwd: string, entry: DevEntry): Promise<() => Promise<void>> {
  const path = join(cwd, workFolder, fileName);
  await mkdir(join(cwd, workFolder), { recursive: true });
  await rm(path, { force: true });
  await writeFile(path, `${JSON.stringify(entry, null, 2)}\n`, { mode: 0o600 });
  return async () => {
    const present = await readEntry(path).catch(() => undefined);
    if (present?.pid === entry.pid) await rm(path, { force: true });
  };
}

/** The entry of the switch that runs in this folder. Throws CommandError if there is none, or it is not running any more. */
export async function readDevFile(cwd: string): Promise<DevEntry> {
  const entry = await readEntry(join(cwd, workFolder, fileName)).catch(() => undefined);
  if (entry === undefined) {
    throw new CommandError('No switch runs here. Start one in this folder first: agentao dev <agent-file>');
  }
  if (!isRunning(entry.pid)) {
    throw new CommandError('The switch of this folder has stopped. Start it again: agentao dev <agent-file>');
  }
  return entry;
}

async function readEntry(path: string): Promise<DevEntry> {
  const entry = JSON.parse(await readFile(path, 'utf8')) as Partial<DevEntry>;
  const { url, operatorToken, number, pid } = entry;
  if (typeof url !== 'string' || typeof operatorToken !== 'string' || typeof number !== 'string')
    throw new TypeError(path);
  if (typeof pid !== 'number' || !Number.isInteger(pid) || pid <= 0) throw new TypeError(path);
  return { url, operatorToken, number, pid };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

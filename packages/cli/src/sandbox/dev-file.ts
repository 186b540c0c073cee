import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError } from '../command-error.ts';
import { commandName } from '../command-name.ts';

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

/** What became of writing an entry. */
export interface DevFile {
  /** The running process that has the file; nothing was written then. */
  readonly otherPid: number | undefined;
  /** Removes what was written, unless another switch has replaced it. */
  remove(): Promise<void>;
}

/** Writes the entry, readable by its owner only, unless another running process has done so. */
export async function writeDevFile(cwd: string, entry: DevEntry): Promise<DevFile> {
  const path = join(cwd, workFolder, fileName);
  const owner = await readEntry(path).catch(() => undefined);
  if (owner && owner.pid !== entry.pid && isRunning(owner.pid)) return { otherPid: owner.pid, remove: async () => {} };
  await mkdir(join(cwd, workFolder), { recursive: true });
  await rm(path, { force: true });
  await writeFile(path, `${JSON.stringify(entry, null, 2)}\n`, { mode: 0o600 });
  const remove = async (): Promise<void> => {
    const present = await readEntry(path).catch(() => undefined);
    if (present?.pid === entry.pid) await rm(path, { force: true });
  };
  return { otherPid: undefined, remove };
}

/** The entry of the switch that runs in this folder. Throws CommandError if there is none, or it is not running any more. */
export async function readDevFile(cwd: string): Promise<DevEntry> {
  const entry = await readEntry(join(cwd, workFolder, fileName)).catch(() => undefined);
  if (entry === undefined) {
    throw new CommandError(`No switch runs here. Start one in this folder first: ${commandName()} dev <agent-file>`);
  }
  if (!isRunning(entry.pid)) {
    throw new CommandError(`The switch of this folder has stopped. Start it again: ${commandName()} dev <agent-file>`);
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

import { createWriteStream, existsSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  type CallArchive,
  type CallFilter,
  type CallSummary,
  openCallArchive,
  type RecordedState,
  RecordsError,
  type StoredCall,
  type WavContent,
} from '@agentao/switch/records';
import { CommandError } from '../command-error.ts';
import { printable } from '../output/printable.ts';
import type { CommandContext } from './command-context.ts';

/** Which calls a command is about. */
export interface RecordsFilter {
  /** Folder of the records. */
  readonly folder: string;
  readonly connector?: string | undefined;
  /** Unix ms. */
  readonly since?: number | undefined;
  /** Unix ms. */
  readonly until?: number | undefined;
}

/** Options of `agentao records list`. */
export interface ListRecordsOptions extends RecordsFilter {
  readonly limit: number;
  readonly json: boolean;
}

/** Options of `agentao records show`. */
export interface ShowRecordOptions {
  readonly folder: string;
  readonly json: boolean;
}

/** Options of `agentao records export`. */
export interface ExportRecordsOptions extends RecordsFilter {
  /** The call whose recording is wanted; without it the records of all calls are. */
  readonly callId?: string | undefined;
  readonly wav?: WavContent | undefined;
  /** File; left out, standard output. */
  readonly out?: string | undefined;
}

/** Lists calls, the newest first. Returns the exit code. */
export function listRecords({ cwd, terminal }: CommandContext, options: ListRecordsOptions): number {
  return withArchive(resolve(cwd, options.folder), (archive) => {
    const calls = archive.list({ ...filterOf(options), limit: options.limit });
    if (options.json) for (const call of calls) terminal.line(JSON.stringify(call));
    else for (const call of calls) terminal.line(summaryLine(asItStands(call, archive)));
    if (calls.length === 0 && !options.json) terminal.line('  No calls.');
    return 0;
  });
}

/** Shows one call: its facts, its timeline, what agents added. Returns the exit code. */
export function showRecord({ cwd, terminal }: CommandContext, callId: string, options: ShowRecordOptions): number {
  return withArchive(resolve(cwd, options.folder), (archive) => {
    const call = archive.get(callId);
    if (options.json) terminal.line(JSON.stringify(call));
    else for (const line of describe(asItStands(call, archive))) terminal.line(line);
    return 0;
  });
}

/** Writes records as JSON lines, or one recording as a WAV. Resolves with the exit code. */
export async function exportRecords({ cwd, terminal }: CommandContext, options: ExportRecordsOptions): Promise<number> {
  const { callId, wav, out } = options;
  if (wav !== undefined && (callId === undefined || out === undefined)) {
    throw new CommandError(
      'A WAV is of one call and goes into a file: agentao records export <callId> --wav mono --out call.wav',
    );
  }
  const archive = open(resolve(cwd, options.folder));
  try {
    const pieces =
      wav !== undefined && callId !== undefined ? copies(archive.wav(callId, wav)) : jsonLines(archive, options);
    if (out === undefined) for (const line of pieces) terminal.line(String(line).trimEnd());
    else await writeNew(resolve(cwd, out), pieces);
  } catch (error) {
    throw commandError(error);
  } finally {
    archive.close();
  }
  if (out !== undefined) terminal.line(`  ${out}`);
  return 0;
}

function filterOf({ connector, since, until }: RecordsFilter): CallFilter {
  return {
    ...(connector === undefined ? {} : { connectorUuid: connector }),
    ...(since === undefined ? {} : { sinceMs: since }),
    ...(until === undefined ? {} : { untilMs: until }),
  };
}

function* jsonLines(archive: CallArchive, options: ExportRecordsOptions): Generator<string> {
  const calls = options.callId === undefined ? archive.all(filterOf(options)) : [archive.get(options.callId)];
  for (const call of calls) yield `${JSON.stringify(call)}\n`;
}

function* copies(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const piece of pieces) yield Uint8Array.from(piece);
}

/** Writes a file that was not there, readable by its owner only; leaves none that is not whole. */
async function writeNew(file: string, pieces: Iterable<string | Uint8Array>): Promise<void> {
  if (existsSync(file)) throw new CommandError(`${file} is there already: choose another --out, or remove it.`);
  const stream = createWriteStream(file, { flags: 'wx', mode: 0o600 });
  try {
    await pipeline(Readable.from(pieces, { objectMode: true }), stream);
  } catch (error) {
    rmSync(file, { force: true });
    if (error instanceof RecordsError) throw error;
    throw new CommandError(`Cannot write ${file}: ${(error as Error).message}`, { cause: error });
  }
}

function withArchive(folder: string, action: (archive: CallArchive) => number): number {
  const archive = open(folder);
  try {
    return action(archive);
  } catch (error) {
    throw commandError(error);
  } finally {
    archive.close();
  }
}

function open(folder: string): CallArchive {
  try {
    return openCallArchive({ folder });
  } catch (error) {
    throw commandError(error);
  }
}

function commandError(error: unknown): unknown {
  return error instanceof RecordsError ? new CommandError(error.message, { cause: error }) : error;
}

/** A call without an end that no switch has any more was cut off: the next one to open the folder marks it so. */
function asItStands<T extends CallSummary>(call: T, archive: CallArchive): T {
  const isWritten = call.endedMs === null || call.recording.state === 'recording';
  if (!isWritten || archive.hasSwitch()) return call;
  const recording: RecordedState =
    call.recording.state === 'recording' ? { ...call.recording, state: 'interrupted' } : call.recording;
  return { ...call, endReason: call.endReason ?? 'interrupted', recording };
}

function summaryLine(call: CallSummary): string {
  const { callId, startedAtMs, callerNumber, calleeNumber, endedMs } = call;
  const parties = `${callerNumber === '' ? 'withheld' : callerNumber} -> ${calleeNumber}`;
  const withoutEnd = call.endReason === 'interrupted' ? '-' : 'live';
  const length = endedMs === null ? withoutEnd : `${(endedMs / 1_000).toFixed(1)} s`;
  const cells = [
    new Date(startedAtMs).toISOString(),
    callId.padEnd(21),
    printable(parties).padEnd(30),
    length.padStart(9),
    (call.endReason ?? '').padEnd(12),
    recordingText(call),
  ];
  return `  ${cells.join('  ')}`.trimEnd();
}

function recordingText({ recording: { state, reason } }: CallSummary): string {
  if (state === 'off') return '';
  return `recording: ${state}${reason === null ? '' : `, ${reason}`}`;
}

function* describe(call: StoredCall): Generator<string> {
  yield summaryLine(call);
  yield `  connector ${call.connectorUuid}, answered ${at(call.answeredMs)}, connected ${at(call.connectedMs)}, ended by ${call.endedBy ?? '-'}`;
  if (call.recording.path !== null)
    yield `  ${recordingText(call)}, ${call.recording.bytes} bytes in ${call.recording.path}`;
  for (const { epoch, clientId, joinedMs, leftMs, leftReason } of call.agents) {
    yield `  agent ${epoch}: ${printable(clientId)}, ${at(joinedMs)} to ${at(leftMs)}${leftReason === null ? '' : `, ${leftReason}`}`;
  }
  for (const { atMs, kind, ...fields } of call.timeline)
    yield `  ${at(atMs)}  ${kind}  ${printable(JSON.stringify(fields))}`;
  for (const { atMs, kind, data } of call.annotations)
    yield `  ${at(atMs)}  + ${printable(kind)}  ${printable(JSON.stringify(data))}`;
}

function at(ms: number | null): string {
  return ms === null ? '-' : `${(ms / 1_000).toFixed(3)} s`;
}

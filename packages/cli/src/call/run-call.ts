import { type Clock, createWheel } from '@agentao/clock';
import { type SocketFactory, SocketOpenError } from '@agentao/transport';
import { CommandError, firstLine } from '../command-error.ts';
import type { Recording } from '../measure/recording.ts';
import { type AgentWatch, watchAgent } from './agent-watch.ts';
import type { CallRecordings } from './call-recordings.ts';
import { readSpeech, type Speech } from '../measure/speech.ts';
import type { Report } from '../output/report.ts';
import { calleeClip, callerClip } from '../package-files.ts';
import { openPhone, type Phone } from '../phone/phone.ts';
import { PhoneError } from '../phone/phone-error.ts';
import { CallStopped, type Stage } from './stage.ts';

/** Number of the simulated caller; not the one with which the console's caller begins. */
export const callerNumber = '+15550002';
const sampleRateHz = 16_000;
/** The caller speaks no more than this of a recording. */
export const maxSpeechMs = 5_000;

/** What the two simulated people say. */
export interface Voices {
  readonly caller: Speech;
  readonly callee: Speech;
}

/** Reads the caller's recording, or the clip that comes with the package. Throws CommandError for a file that cannot be used. */
export async function readVoices(callerWav: string | undefined): Promise<Voices> {
  const options = { sampleRateHz, maxMs: maxSpeechMs };
  const [caller, callee] = await Promise.all([
    readSpeech(callerWav ?? callerClip, options),
    readSpeech(calleeClip, options),
  ]);
  return { caller, callee };
}

/** Where the call is placed, and what comes of it. */
export interface CallOptions {
  readonly clock: Clock;
  readonly connect: SocketFactory;
  readonly url: string;
  readonly operatorToken: string;
  /** The number to call; the callee's phone has it. */
  readonly number: string;
  readonly voices: Voices;
  readonly report: Report;
  readonly clearedMs?: () => number | undefined;
  /** What happens in the call. */
  readonly play: (stage: Stage) => Promise<void>;
}

/** Signs two phones in and plays a call between them. Returns what each ear and mouth recorded. Throws CommandError if the switch lets no phone in. */
export async function runCall(options: CallOptions): Promise<CallRecordings> {
  const { clock, report, voices, play, clearedMs = () => undefined } = options;
  const fail = (detail: string): void =>
    report.check(clock.now(), { who: 'switch', what: 'keeps the call', ok: false, detail });
  const wheel = createWheel({ clock, onError: (error) => fail(firstLine(error)) });
  const open = (number: string): Promise<Phone> =>
    openPhone({ ...options, wheel, sampleRateHz, number }).catch((error: unknown) => {
      if (!(error instanceof PhoneError) || error.code !== 'REFUSED') throw error;
      const hint = 'Unplug it there, or place the call there.';
      throw new CommandError(`Another phone has ${number}, perhaps one in the console. ${hint}`, { cause: error });
    });
  const phones: Phone[] = [];
  try {
    for (const number of [callerNumber, options.number]) phones.push(await open(number));
    const [caller, callee] = phones as [Phone, Phone];
    using watch = await watchAgent({ ...options, from: callerNumber, to: options.number });
    const lines = { caller: voices.caller.samples, callee: voices.callee.samples };
    try {
      await play({ clock, report, caller, callee, lines, clearedMs });
    } catch (error) {
      if (error instanceof PhoneError) fail(error.message);
      else if (!(error instanceof CallStopped)) throw error;
    }
    tellAgentGone(report, watch);
    tellReception(report, { caller: caller.ear, callee: callee.ear });
    return new Map([
      ['caller-ear', caller.ear],
      ['callee-ear', callee.ear],
      ['caller-mouth', caller.mouth],
      ['callee-mouth', callee.mouth],
    ]);
  } catch (error) {
    if (!(error instanceof SocketOpenError || error instanceof PhoneError)) throw error;
    throw new CommandError(`The switch at ${options.url} takes no phones: ${error.message}`, { cause: error });
  } finally {
    for (const phone of phones) phone.close();
  }
}

function tellAgentGone(report: Report, { goneMs }: AgentWatch): void {
  if (goneMs === undefined) return;
  const hint = 'The switch has lost it. Did its process end? Its own output may tell more.';
  report.check(goneMs, { who: 'agent', what: 'stays with the call', ok: false, detail: 'it is gone', hint });
}

function tellReception(report: Report, ears: Readonly<Record<'caller' | 'callee', Recording>>): void {
  const tell = (figure: string, of: (ear: Recording) => number): void =>
    report.figure(figure, { caller: of(ears.caller), callee: of(ears.callee) });
  tell('framesReceived', (ear) => ear.frames);
  tell('gaps', (ear) => ear.gaps);
  tell('longestWaitMs', (ear) => ear.longestWaitMs);
}

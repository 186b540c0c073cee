import { decodeWav } from '@agentao/audio';
import { type CallSummary, openCallArchive, type CallArchive, type WavContent } from '@agentao/switch/records';
import { createSearchingEar } from './ear.ts';
import { searchEar } from './search-ear.ts';
import { readNumber, sampleRateHz, type VoiceRole, voiceOf } from './voices.ts';

/** What came of a search of all recordings. */
export interface RecordingFindings {
  readonly complaints: readonly string[];
  /** Calls in the records. */
  readonly calls: readonly CallSummary[];
  /** Recordings by how they stand, with the reason where they stopped before their call. */
  readonly states: ReadonlyMap<string, number>;
  readonly tracks: number;
  readonly seconds: number;
  readonly secondsOfVoices: number;
}

/** Who may be heard on a track, whatever happens in the call. */
interface TrackToSearch {
  readonly name: string;
  readonly may: readonly VoiceRole[];
}

const parties: readonly TrackToSearch[] = [
  { name: 'caller', may: ['caller'] },
  { name: 'callee', may: ['callee'] },
  { name: 'agent', may: ['agent', 'coach'] },
];
const exports: readonly (readonly [WavContent, readonly TrackToSearch[]])[] = [
  ['parties', parties],
  ['mono', [{ name: 'export', may: ['caller', 'callee', 'agent'] }]],
];

/** Searches every track of every recording in the folder, and what is exported of it by default, for voices that are not theirs. */
export function searchRecordings(folder: string): RecordingFindings {
  using archive = openCallArchive({ folder });
  const calls = archive.list();
  const complaints: string[] = [];
  const states = new Map<string, number>();
  let tracks = 0;
  let samplesSearched = 0;
  let spokenMs = 0;
  for (const call of calls) {
    const { state, reason } = call.recording;
    if (state === 'off') continue;
    const name = reason === null ? state : `${state}, ${reason}`;
    states.set(name, (states.get(name) ?? 0) + 1);
    for (const [content, channels] of exports) {
      const wav = read(archive, call.callId, content);
      if (wav === undefined) continue;
      for (const [channel, { name: track, may }] of channels.entries()) {
        const samples = channelOf(wav, { channel, channels: channels.length });
        const voices = may.map((role) => voiceOf(readNumber(call.calleeNumber).slot, role));
        const ear = createSearchingEar();
        ear.hear(samples, 0);
        const found = searchEar({ stretches: ear.take().stretches, originMs: 0, allowed: () => voices });
        tracks++;
        samplesSearched += samples.length;
        spokenMs += found.spokenMs;
        for (const { voice, atMs, durationMs } of found.foreign) {
          const what = `${voice.role} of slot ${voice.slot} for ${durationMs.toFixed(0)} ms, ${atMs.toFixed(0)} ms into it`;
          complaints.push(`recording of ${call.callId}, ${track}: ${what}`);
        }
      }
    }
  }
  return {
    complaints,
    calls,
    states,
    tracks,
    seconds: samplesSearched / sampleRateHz,
    secondsOfVoices: spokenMs / 1_000,
  };
}

function read(archive: CallArchive, callId: string, content: WavContent): Int16Array | undefined {
  try {
    return decodeWav(Buffer.concat([...archive.wav(callId, content)].map((piece) => Buffer.from(piece)))).samples;
  } catch {
    // Where the disk was full from the beginning there is nothing to be read.
    return undefined;
  }
}

function channelOf(interleaved: Int16Array, of: { readonly channel: number; readonly channels: number }): Int16Array {
  if (of.channels === 1) return interleaved;
  return Int16Array.from(
    { length: Math.floor(interleaved.length / of.channels) },
    (_, index) => interleaved[index * of.channels + of.channel] as number,
  );
}

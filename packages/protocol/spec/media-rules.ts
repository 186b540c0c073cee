import { frameFlags, tracks } from '../src/frame-header.ts';
import { mediaCommandSchemas } from '../src/media-command-schema.ts';
import type { Discard } from '../src/media-commands.ts';
import type { Step, TranscriptMessage } from './transcript.ts';

/** What PROTOCOL.md says of the order and the arithmetic of a media connection, checked on one transcript. */
export function brokenMediaRules(steps: readonly Step[]): readonly string[] {
  const broken: string[] = [];
  const open = new Map<number, TranscriptMessage>();
  let attached = false;
  let hears = false;
  let terminated = false;
  let late = false;
  let lastSeq = 0;
  let generation = 0;
  let next = 0;
  let upTo = 0;
  let windowSamples = 0;
  let played = 0;
  let resumed = true;
  const replays = new Map<number, number>();

  const check = (rule: string, holds: boolean): void => {
    if (!holds) broken.push(rule);
  };

  const discard = ({ generation: fresh, position }: Discard): void => {
    check('K-17 generation', fresh === (generation + 1) % 256);
    check('K-17 position', position >= next);
    generation = fresh;
    next = position;
    upTo = position + windowSamples;
  };

  const fromClient = (message: TranscriptMessage): void => {
    check('M-01', attached || message.type === 'attach' || message.type === 'resume');
    late ||= message['annotateAfterEnd'] === true;
    if (message.type === 'resume') {
      lastSeq = message['lastEventSeq'] as number;
      resumed = false;
    }
    if (!(message.type in mediaCommandSchemas)) return;
    const id = message['id'] as number;
    check('M-13', !terminated || late);
    check('K-01', !open.has(id));
    open.set(id, message);
    if (message.type === 'clear') discard(message as unknown as Discard);
    if (message['discard'] !== undefined) discard(message['discard'] as Discard);
  };

  const respond = (message: TranscriptMessage): void => {
    const command = open.get(message['id'] as number);
    check('M-06', command !== undefined && open.delete(message['id'] as number));
    const { position, clearedSamples } = (message['result'] ?? {}) as { position?: number; clearedSamples?: number };
    const dropped = (command?.type === 'clear' ? command : command?.['discard']) as Discard | undefined;
    if (message['ok'] !== true || dropped === undefined) return;
    check('K-17 result', position !== undefined && dropped.position - position === clearedSamples);
    check('A-17', played >= dropped.position);
  };

  /** Where a resume takes up what the connection before it has left. */
  const takeUp = (message: TranscriptMessage): void => {
    generation = message['generation'] as number;
    next = message['received'] as number;
    played = message['played'] as number;
    check('R-06', played <= next && next <= upTo);
    for (const [track, position] of Object.entries(message['replayFrom'] as object)) {
      replays.set(tracks[track as keyof typeof tracks], position as number);
    }
  };

  const fromSwitch = (message: TranscriptMessage): void => {
    check('M-02', attached || message.type === (resumed ? 'attached' : 'resumed'));
    check('M-03', !terminated || message.type === 'response');
    if (message.type === 'attached' || message.type === 'resumed') {
      attached = true;
      upTo = message['upTo'] as number;
      windowSamples = message['windowSamples'] as number;
      hears = message['state'] === 'ANSWERED' || message['state'] === 'CONNECTED';
      if (message.type === 'resumed') takeUp(message);
    } else if (message.type === 'response') {
      respond(message);
    } else if (message.type === 'credit' && message['generation'] === generation) {
      const limit = message['upTo'] as number;
      check('A-08 never falls', limit > upTo);
      check('A-12 steps', limit - upTo >= windowSamples / 10);
      upTo = limit;
    } else if (message.type === 'playout') {
      const position = message['played'] as number;
      check('A-13', position >= played && position <= next);
      played = position;
    } else if (message.type === 'event') {
      const event = message['event'] as TranscriptMessage;
      lastSeq += 1;
      check('M-09', message['seq'] === lastSeq);
      resumed ||= event.type === 'call.resumed';
      hears ||= event.type === 'call.answered' || event.type === 'call.connected';
      terminated ||= event.type === 'call.terminated';
    }
  };

  for (const step of steps) {
    if (step.kind === 'close') {
      check('M-03 close', step.from === 'client' || (terminated && open.size === 0 && step.name === 'NORMAL'));
    } else if (step.kind === 'text') {
      if (step.from === 'client') fromClient(step.message);
      else fromSwitch(step.message);
    } else if (step.from === 'switch') {
      const { track, position, flags } = step.header;
      const due = replays.get(track);
      check('R-03 order', resumed);
      if (due !== undefined) {
        check('R-04', due === position);
        if ((flags & frameFlags.replayed) === 0) replays.delete(track);
        else replays.set(track, position + step.samples);
      } else check('R-04 flag', (flags & frameFlags.replayed) === 0);
      check('A-02', hears && step.samples % 160 === 0 && step.header.track !== tracks.agent);
    } else {
      check('A-01', attached);
      check('A-06', step.header.track === tracks.agent);
      check('A-07', step.header.generation === generation && step.header.position === next);
      next += step.samples;
      check('A-08', next <= upTo);
    }
  }
  return broken;
}

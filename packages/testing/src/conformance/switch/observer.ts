import {
  closeCodes,
  decodeControlSwitch,
  decodeFrame,
  decodeMediaSwitch,
  decodeMonitorSwitch,
  decodePhoneSwitch,
  type Frame,
  limits,
  ProtocolError,
} from '@agentao/protocol';
import { createMediaWatch } from './media-watch.ts';
import { createPhoneWatch } from './phone-watch.ts';
import { createMonitorWatch } from './monitor-watch.ts';
import type { Heard, SwitchMessage } from './peer.ts';
import { hasRepeatedKey } from './repeated-key.ts';

/** The four sockets. */
export type SocketKind = 'control' | 'media' | 'phone' | 'monitor';

/** Where the switch broke a rule that holds at all times. */
export interface Violation {
  readonly clause: string;
  readonly why: string;
}

/** Told of a violation. */
export type Report = (clause: string, why: string) => void;

/** Watches one connection for the rules that hold at all times, whatever is tried on it. */
export interface ConnectionWatch {
  heard(entry: Heard): void;
  sent?(message: object): void;
}

/** Sees all that one connection of the kit says and hears; what the switch must never do is reported by rule. */
export interface Observer {
  /** Decodes; `undefined` for a text that is malformed, which is reported. */
  text(kind: SocketKind, text: string): SwitchMessage | undefined;
  /** Decodes and copies. */
  binary(kind: SocketKind, bytes: Uint8Array): Frame | undefined;
  sent(message: object): void;
  heard(entry: Heard): void;
}

const decoders: Readonly<Record<SocketKind, (text: string) => SwitchMessage>> = {
  control: decodeControlSwitch,
  media: decodeMediaSwitch,
  phone: decodePhoneSwitch,
  monitor: decodeMonitorSwitch,
};

const knownCloses: ReadonlySet<number> = new Set(Object.values(closeCodes).map(({ code }) => code));
/** How a lost connection, and one closed without a code, are told on this side: nothing of the two travels. */
const untravelled: ReadonlySet<number> = new Set([1005, 1006]);

/** Makes the observer of one connection. */
export function createObserver(kind: SocketKind, report: Report): Observer {
  const watch = createWatch(kind, report);
  return {
    text: (_, text) => {
      if (hasRepeatedKey(text)) report('G-06', `a message on ${kind} repeats a key`);
      const bytes = Buffer.byteLength(text);
      const most = kind === 'media' ? limits.mediaMessageBytes : limits.controlMessageBytes;
      if (bytes > most) report('G-05', `a message of ${bytes} bytes on ${kind}`);
      try {
        return decoders[kind](text);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        report('G-04', `a malformed message on ${kind}: ${error.message}`);
        return undefined;
      }
    },
    binary: (_, bytes) => {
      if (kind === 'control' || kind === 'monitor') report('G-02', `a binary message on ${kind}`);
      if (bytes.byteLength > limits.mediaMessageBytes) report('G-05', `audio of ${bytes.byteLength} bytes`);
      try {
        const { header, samples } = decodeFrame(bytes);
        return { header, samples: samples.slice() };
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        report('A-01', `a malformed binary message on ${kind}: ${error.message}`);
        return undefined;
      }
    },
    sent: (message) => watch.sent?.(message),
    heard: (entry) => {
      if (entry.kind === 'closed') {
        const { code } = entry.close;
        if (!knownCloses.has(code) && !untravelled.has(code)) report('G-09', `close ${code} on ${kind}`);
      }
      watch.heard(entry);
    },
  };
}

function createWatch(kind: SocketKind, report: Report): ConnectionWatch {
  if (kind === 'media') return createMediaWatch(report);
  if (kind === 'phone') return createPhoneWatch(report);
  if (kind === 'monitor') return createMonitorWatch(report);
  return createControlWatch(report);
}

function createControlWatch(report: Report): ConnectionWatch {
  const offers = new Set<string>();
  const cancelled = new Set<string>();
  return {
    heard: (entry) => {
      if (entry.kind !== 'message') return;
      const { message } = entry;
      if (message.type === 'offer') {
        const { offerId, mediaUrl, mediaToken } = message;
        if (offers.has(offerId)) report('C-06', 'an `offerId` came twice');
        offers.add(offerId);
        if (mediaUrl.includes(mediaToken)) report('G-11', 'the media token stands in `mediaUrl`');
      } else if (message.type === 'offer.cancelled') {
        if (!offers.has(message.offerId)) report('C-06', 'an offer was cancelled that never came');
        if (cancelled.has(message.offerId)) report('C-06', 'an offer was cancelled twice');
        cancelled.add(message.offerId);
      }
    },
  };
}

import {
  encodeFrame,
  frameFlags,
  frameSamples,
  limits,
  type MutableFrameHeader,
  readFrameHeader,
  tracks,
} from '@agentao/protocol';
import type { LineOrder, LineReport } from '../../worklet/handset-messages.ts';
import type { OpenPageSocket, PageSocket } from '../socket/page-socket.ts';
import type { AudioFlow, RelayOrder, RelayReport } from './relay-messages.ts';

/** Carries audio between a phone's socket and its handset, in a worker: whatever the page is busy with, the sound goes on. */
export interface AudioRelay {
  obey(order: RelayOrder): void;
}

/** What a relay is made of. */
export interface AudioRelayOptions {
  readonly open: OpenPageSocket;
  readonly report: (report: RelayReport) => void;
}

/** Half a second at 24,000 Hz. */
const unsentBytes = 24_000;

/** Makes a relay without socket and handset. */
export function createAudioRelay({ open, report }: AudioRelayOptions): AudioRelay {
  const header: MutableFrameHeader = { track: 0, generation: 0, flags: 0, position: 0 };
  let current: { readonly id: number; readonly socket: PageSocket } | undefined;
  let handset: MessagePort | undefined;
  let flow: AudioFlow = 'none';
  /** Of the next frame to send, counted in each call from 0 (P-09). */
  let position = 0;
  let gap = false;

  const order = (message: LineOrder, transfer: Transferable[] = []): void => handset?.postMessage(message, transfer);

  /** Overflow policy: a frame is dropped while half a second waits to be sent; the next one says so. */
  const speak = (samples: Int16Array): void => {
    if (flow !== 'both' || current === undefined) return;
    const { socket } = current;
    const flags = gap ? frameFlags.gapBefore : 0;
    gap = socket.bufferedAmount > unsentBytes;
    if (!gap) socket.send(encodeFrame({ track: tracks.mix, generation: 0, flags, position }, samples));
    position += samples.length;
  };

  const isAudio = (bytes: Uint8Array): boolean => {
    if (bytes.length > limits.controlMessageBytes) return false;
    try {
      readFrameHeader(bytes, header);
    } catch {
      return false;
    }
    return header.track === tracks.mix && header.generation === 0;
  };

  const hear = (id: number, buffer: ArrayBuffer): void => {
    const bytes = new Uint8Array(buffer);
    if (!isAudio(bytes)) report({ type: 'refused', id, bytes: buffer });
    else if (flow !== 'none') {
      const samples = frameSamples(bytes) as Int16Array<ArrayBuffer>;
      order({ type: 'play', samples, position: header.position }, [samples.buffer]);
    }
  };

  const openSocket = ({ id, kind, ticket }: Extract<RelayOrder, { type: 'open' }>): void => {
    const socket = open(kind, ticket);
    current = { id, socket };
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => report({ type: 'opened', id, protocol: socket.protocol }));
    socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === 'string') report({ type: 'text', id, text: data });
      else if (current?.id === id) hear(id, data);
    });
    socket.addEventListener('close', ({ code }) => {
      if (current?.id === id) current = undefined;
      report({ type: 'closed', id, code });
    });
  };

  const setFlow = (next: AudioFlow): void => {
    if (next === 'none' && flow !== 'none') {
      position = 0;
      gap = false;
      order({ type: 'hush' });
    }
    flow = next;
    order({ type: 'listen', on: flow === 'both' });
  };

  const useHandset = (port: MessagePort): void => {
    handset?.close();
    handset = port;
    port.addEventListener('message', ({ data }: MessageEvent<LineReport>) => speak(data.samples));
    port.start();
    order({ type: 'listen', on: flow === 'both' });
  };

  return {
    obey: (wish) => {
      switch (wish.type) {
        case 'open':
          openSocket(wish);
          return;
        case 'send':
          if (current?.id === wish.id) current.socket.send(wish.text);
          return;
        case 'close':
          if (current?.id !== wish.id) return;
          current.socket.close(wish.code);
          current = undefined;
          return;
        case 'flow':
          setFlow(wish.flow);
          return;
        case 'handset':
          useHandset(wish.port);
      }
    },
  };
}

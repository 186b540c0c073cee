import { openBrowserSocket } from '../socket/page-socket.ts';
import { createAudioRelay } from './audio-relay.ts';
import type { RelayOrder } from './relay-messages.ts';

// The types of a page say `Window` here; in a worker the global is the port to the page.
const page = globalThis as unknown as MessagePort;
const relay = createAudioRelay({ open: openBrowserSocket, report: (report) => page.postMessage(report, []) });
page.addEventListener('message', ({ data }: MessageEvent<RelayOrder>) => relay.obey(data));

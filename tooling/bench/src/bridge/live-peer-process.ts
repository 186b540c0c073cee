// The model's side of the bench: 100 ms of audio every 100 ms to every session, and what comes is only counted.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tone } from '@agentao/audio';
import { createSystemClock, createWheel } from '@agentao/clock';
import { WebSocketServer } from 'ws';

const sampleRateHz = 24_000;
const piece = tone({ frequencyHz: 440, sampleRateHz, durationMs: 100 });
const data = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString('base64');
const inlineData = { mimeType: `audio/pcm;rate=${sampleRateHz}`, data };
const audio = Buffer.from(JSON.stringify({ serverContent: { modelTurn: { parts: [{ inlineData }] } } }));

const http = createServer();
const sockets = new WebSocketServer({ server: http, perMessageDeflate: false });
const wheel = createWheel({ clock: createSystemClock(globalThis), onError: (error) => console.error(error) });
sockets.on('connection', (socket) => {
  socket.once('message', () => {
    socket.send(Buffer.from(JSON.stringify({ setupComplete: {} })));
    let ticks = 0;
    const line = wheel.add({ tick: () => void (++ticks % 5 === 0 && socket.send(audio)), skipped: () => {} });
    socket.on('close', () => line[Symbol.dispose]());
  });
});
http.listen(0, '127.0.0.1');
await once(http, 'listening');
process.send?.({ url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` });
process.once('disconnect', () => process.exit(0));

import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { RecordingCommand, RecordingReport } from './recording/recording-messages.ts';
import { createRecordingWriter } from './recording/recording-writer.ts';

// The thread that writes recordings. It is started by `recording/worker-recorder.ts` and is no entry point of the package.

/** How often audio goes to the files: what a killed process loses, less than a second. */
const drainEveryMs = 200;

const port = parentPort;
if (port === null) throw new Error('recording-worker is a worker thread: import @agentao/switch/records instead');

const { folder } = workerData as { readonly folder: string };
const writer = createRecordingWriter({ folder, report: (report) => port.postMessage(report) });

const turn = setInterval(() => {
  writer.look();
  // A mark is sent before the tick that it holds for: it is here by now, if only in the queue.
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port))
    take(next.message as RecordingCommand);
  writer.drain();
}, drainEveryMs);

function take(command: RecordingCommand): void {
  writer.handle(command);
  if (command.type !== 'close') return;
  clearInterval(turn);
  port?.close();
}

port.on('message', take);
port.postMessage({ type: 'ready' } satisfies RecordingReport);

// Runs an agent under `node --watch` for `agentao dev`. Descriptor 3 is a pipe that closes when that command is gone, however it
// went: then watcher and agent end, as they do on a signal.
import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

const killAfterMs = 4000;

// A process group of its own, so that an agent that does not want to end can be ended with its watcher.
const watcher = spawn(process.execPath, ['--watch', '--watch-preserve-output', process.argv[2]], {
  stdio: ['ignore', 'inherit', 'inherit'],
  detached: true,
});
let stopping = false;
const stop = () => {
  if (stopping) return;
  stopping = true;
  watcher.kill('SIGTERM');
  const { pid } = watcher;
  if (pid !== undefined) setTimeout(() => process.kill(-pid, 'SIGKILL'), killAfterMs);
};
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, stop);
const pipe = new Socket({ fd: 3, readable: true, writable: false });
pipe.on('error', () => {});
pipe.on('close', stop);
pipe.resume();
watcher.on('exit', (code) => process.exit(code ?? 1));

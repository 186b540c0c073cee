// Loaded into an agent by `agentao dev`. Descriptor 3 is a pipe that closes when that command is gone, however it went.
import { Socket } from 'node:net';

const pipe = new Socket({ fd: 3, readable: true, writable: false });
pipe.on('error', () => {});
pipe.on('close', () => process.kill(process.pid, 'SIGTERM'));
pipe.resume();
pipe.unref();

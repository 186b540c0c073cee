import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

// A day of a switch in virtual time. The day itself is in a process whose garbage can be collected on demand.
const day = fileURLToPath(new URL('day-process.ts', import.meta.url));
const child = spawn(process.execPath, ['--expose-gc', day, ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill('SIGKILL'));
process.on('exit', () => child.kill('SIGKILL'));
const [code] = (await once(child, 'exit')) as [number | null];
process.exitCode = code ?? 1;

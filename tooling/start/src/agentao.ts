// The `agentao` command of this repository. What serves the console builds its page first; the rest is the command itself,
// in this same process, so that signals and exit codes are its own.
import { buildPage } from './build-page.ts';

const servesConsole = ['dev', 'start'].includes(process.argv[2] ?? '');
if (servesConsole) {
  await buildPage({ onSlow: () => console.log('  Building the page of the console ...') }).catch((error: Error) => {
    console.error(`${error.message}\nEverything else goes on.`);
  });
}
await import(new URL('../../../packages/cli/bin/agentao.js', import.meta.url).href);

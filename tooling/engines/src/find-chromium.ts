import { type Engine, engineOrReason } from './engine.ts';

/** Names under which a browser is on the path. `.ci/run` looks for the same before it installs one. */
export const browserNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'] as const;

/** Chromium or Chrome of this machine, or the one that `AGENTAO_CHROMIUM` names. Throws in continuous integration if there is none. */
export function findChromium(): Engine {
  const chosen = process.env['AGENTAO_CHROMIUM'];
  return engineOrReason({
    missing: `no browser ${chosen ?? 'for the tests of the console'}: install chromium or name one in AGENTAO_CHROMIUM`,
    candidates: chosen
      ? [chosen]
      : [
          ...browserNames,
          '/Applications/Chromium.app/Contents/MacOS/Chromium',
          '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
        ],
    probe: ['--version'],
  });
}

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConsoleNotBuiltError, readConsoleFiles } from './index.ts';

const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'permissions-policy': 'microphone=(self), camera=(), geolocation=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};
const page = '<meta name="agentao-command" content="agentao" /><div id="root"></div>';

describe('the files of the console', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'agentao-page-'));
    await mkdir(join(folder, 'assets'));
    await writeFile(join(folder, 'index.html'), page);
    await writeFile(join(folder, 'assets', 'index-1a2b.js'), 'start();');
    await writeFile(join(folder, 'assets', 'index-1a2b.css'), 'p {}');
    await writeFile(join(folder, 'assets', 'icon-1a2b.svg'), '<svg />');
    await writeFile(join(folder, 'third-party-licenses.md'), '# Licences');
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('are the page at the root, never kept unasked, and its assets, kept for good, all under the same policy', async () => {
    const files = await readConsoleFiles({ folder });
    const forGood = { ...headers, 'cache-control': 'public, max-age=31536000, immutable' };
    expect(
      Object.fromEntries([...files].map(([path, file]) => [path, { ...file, body: String(Buffer.from(file.body)) }])),
    ).toEqual({
      '/': {
        status: 200,
        headers: { ...headers, 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' },
        body: page,
      },
      '/assets/index-1a2b.js': {
        status: 200,
        headers: { ...forGood, 'content-type': 'text/javascript; charset=utf-8' },
        body: 'start();',
      },
      '/assets/index-1a2b.css': {
        status: 200,
        headers: { ...forGood, 'content-type': 'text/css; charset=utf-8' },
        body: 'p {}',
      },
      '/assets/icon-1a2b.svg': {
        status: 200,
        headers: { ...forGood, 'content-type': 'image/svg+xml' },
        body: '<svg />',
      },
    });
  });

  it('tell the page how the command is typed, whatever is in it', async () => {
    const files = await readConsoleFiles({ folder, command: 'node "a&b$1".js' });
    expect(String(Buffer.from(files.get('/')?.body ?? []))).toBe(
      page.replace('content="agentao"', () => 'content="node &#34;a&#38;b$1&#34;.js"'),
    );
  });

  it('are not there where nothing is built, or no page', async () => {
    await rm(join(folder, 'index.html'));
    for (const missing of [folder, join(folder, 'nowhere')]) {
      const error = await readConsoleFiles({ folder: missing }).catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(ConsoleNotBuiltError);
      expect(error).toMatchObject({ name: 'ConsoleNotBuiltError', code: 'CONSOLE_NOT_BUILT' });
    }
  });
});

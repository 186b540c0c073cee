import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One file of the console as an HTTP answer; fits the `staticRoutes` of a switch. */
export interface ConsoleFile {
  readonly status: 200;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The page has not been built: in the repository `pnpm --filter @agentao/console page` builds it; a published package has it. */
export class ConsoleNotBuiltError extends Error {
  override readonly name = 'ConsoleNotBuiltError';
  readonly code = 'CONSOLE_NOT_BUILT';
}

/** The same relative path holds from `src/` and from `dist/`. */
const builtFolder = fileURLToPath(new URL('../dist/page/', import.meta.url));

const contentTypes = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
]);

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const headers: Readonly<Record<string, string>> = {
  'content-security-policy': policy,
  'permissions-policy': 'microphone=(self), camera=(), geolocation=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** What the page is told by whoever serves it. */
export interface ConsoleOptions {
  /** How the `agentao` command is typed where the switch runs, for the page's hints. Default `agentao`. */
  readonly command?: string;
  /** Where the built page is, if not in this package. */
  readonly folder?: string;
}

/** Reads the built page: its files by path, `/` being the page itself. Rejects with {@link ConsoleNotBuiltError}. */
export async function readConsoleFiles(options: ConsoleOptions = {}): Promise<ReadonlyMap<string, ConsoleFile>> {
  const { command = 'agentao', folder = builtFolder } = options;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new ConsoleNotBuiltError('the console page has not been built', { cause });
  });
  const files = new Map<string, ConsoleFile>();
  for (const entry of entries) {
    const name = relative(folder, join(entry.parentPath, entry.name));
    const contentType = contentTypes.get(extname(name));
    // A link may lead anywhere; it is neither a file nor a folder here.
    if (contentType === undefined || !entry.isFile()) continue;
    const path = `/${name.replaceAll('\\', '/')}`;
    const isPage = path === '/index.html';
    const cacheControl = isPage ? 'no-cache' : 'public, max-age=31536000, immutable';
    const content = await readFile(join(folder, name));
    const body = isPage ? withCommand(content, command) : content;
    files.set(isPage ? '/' : path, {
      status: 200,
      headers: { ...headers, 'content-type': contentType, 'cache-control': cacheControl },
      body,
    });
  }
  if (!files.has('/')) throw new ConsoleNotBuiltError('the built console has no index.html');
  return files;
}

function withCommand(page: Uint8Array, command: string): Uint8Array {
  const escaped = command.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
  const html = new TextDecoder().decode(page);
  return new TextEncoder().encode(
    html.replace(/(<meta name="agentao-command" content=")[^"]*/, (_, start: string) => start + escaped),
  );
}

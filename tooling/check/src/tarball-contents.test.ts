import { describe, expect, it } from 'vitest';
import { contentFaults } from './tarball-contents.ts';

const plain = ['package.json', 'README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts', 'dist/chunk-GP6XPUNG.js'];
const files = (more: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> =>
  new Map([...plain.map((path) => [path, ''] as const), ...Object.entries(more)]);

const page = {
  'dist/page/index.html': '<script src="/assets/index-BIebwEgu.js"></script><link href="/assets/index-CmW_puyd.css">',
  'dist/page/assets/index-BIebwEgu.js': 'import("./playout-DW7Knwil.js")',
  'dist/page/assets/playout-DW7Knwil.js': '',
  'dist/page/assets/index-CmW_puyd.css': '',
  'dist/page/third-party-licenses.md': '# Licenses\n\n## react - 19.3.1 (MIT)\n\n## react-dom - 19.3.1 (MIT)\n',
};

it('accepts code with its types and maps, and what a package is known to ship beside', () => {
  expect(contentFaults('calls', files({ 'dist/index.js.map': '{"sources":["../src/index.ts"]}' }))).toEqual([]);
  expect(contentFaults('cli', files({ 'bin/agentao.js': '', 'clips/caller.wav': '' }))).toEqual([]);
  expect(contentFaults('console', files(page))).toEqual([]);
});

describe('it refuses', () => {
  it.each([
    'src/index.ts',
    'dist/index.test.js',
    'dist/page/index.html',
    'test/fixture.json',
    '.env',
    'dist/a/index.js',
  ])('%s', (path) => {
    expect(contentFaults('calls', files({ [path]: '' }))).toEqual([`${path} is not expected`]);
  });

  it('a path of a machine, in a text or in a source map', () => {
    const path = ['', 'home', 'someone', 'agentao'].join('/');
    const faults = contentFaults('calls', files({ 'dist/index.js': `const from = '${path}';` }));
    expect(faults).toHaveLength(1);
    const map = {
      'dist/index.js.map': '{"sources":["/srv/agentao/src/index.ts","file:///C:/x.ts","../src/index.ts"]}',
    };
    expect(contentFaults('calls', files(map))).toHaveLength(2);
  });

  it('a range that only a workspace knows', () => {
    const manifest = '{"dependencies":{"@agentao/audio":"workspace:*"}}';
    expect(contentFaults('calls', files({ 'package.json': manifest }))).toHaveLength(1);
  });

  it('a console without its page, a source map of it, a leftover, and licences left out', () => {
    expect(contentFaults('console', files())).toHaveLength(4);
    expect(
      contentFaults('console', files({ ...page, 'dist/page/assets/index-BIebwEgu.js.map': '{"sources":[]}' })),
    ).toEqual([
      'dist/page/assets/index-BIebwEgu.js.map is not expected',
      'dist/page/assets/index-BIebwEgu.js.map belongs to no page: a leftover of an earlier build?',
    ]);
    expect(contentFaults('console', files({ ...page, 'dist/page/assets/index-OldOlds1.css': '' }))).toEqual([
      'dist/page/assets/index-OldOlds1.css belongs to no page: a leftover of an earlier build?',
    ]);
    expect(contentFaults('console', files({ ...page, 'dist/page/third-party-licenses.md': '# Licenses\n' }))).toEqual([
      'the third-party licences do not name react',
      'the third-party licences do not name react-dom',
    ]);
  });
});

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import { expect, it } from 'vitest';

const command = fileURLToPath(new URL('../bin/agentao.js', import.meta.url));

it('tells in one line that Node is too old, before it loads anything else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'agentao-old-'));
  try {
    const pretend = join(folder, 'pretend.cjs');
    await writeFile(pretend, `Object.defineProperty(process, 'versions', { value: { node: '20.19.1' } });`);
    const run = promisify(execFile)(process.execPath, ['--require', pretend, command, 'start']);
    await expect(run).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'agentao needs Node 24 or newer, this is Node 20.19.1. Get it from https://nodejs.org\n',
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('counts as failed when its process ends before its command has', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'agentao-early-'));
  try {
    const end = join(folder, 'end.cjs');
    await writeFile(end, 'process.stdout.write = () => process.exit();');
    const run = promisify(execFile)(process.execPath, ['--require', end, command, 'dev', '--port', '0'], {
      cwd: folder,
    });
    await expect(run).rejects.toMatchObject({ code: 1, stderr: '' });
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('is written so that an old Node can parse it: no import statement, await, arrow, template, const or optional chain', async () => {
  const { SyntaxKind } = ts;
  const modern = new Set([
    SyntaxKind.ImportDeclaration,
    SyntaxKind.AwaitExpression,
    SyntaxKind.ArrowFunction,
    SyntaxKind.TemplateExpression,
    SyntaxKind.NoSubstitutionTemplateLiteral,
    SyntaxKind.QuestionDotToken,
    SyntaxKind.QuestionQuestionToken,
    SyntaxKind.SpreadElement,
    SyntaxKind.ObjectBindingPattern,
  ]);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const isBlockScoped = ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.BlockScoped) !== 0;
    if (modern.has(node.kind) || isBlockScoped) found.push(SyntaxKind[node.kind]);
    node.forEachChild(visit);
  };
  const parse = (text: string): void => visit(ts.createSourceFile('x.js', text, ts.ScriptTarget.Latest));
  parse(await readFile(command, 'utf8'));
  expect(found).toEqual([]);
  parse('const { a } = await `x`; import "y";');
  expect(found).toHaveLength(5);
});

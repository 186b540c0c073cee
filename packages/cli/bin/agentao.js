#!/usr/bin/env node
import { existsSync } from 'node:fs';

if (Number.parseInt(process.versions.node, 10) < 24) {
  console.error(`agentao needs Node 24 or newer, this is Node ${process.versions.node}.`);
  process.exit(1);
}

const source = new URL('../src/main.ts', import.meta.url);
const { main } = await import(existsSync(source) ? source.href : '../dist/index.js');
process.exitCode = await main(process.argv.slice(2));

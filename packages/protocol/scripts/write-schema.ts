import { mkdirSync, writeFileSync } from 'node:fs';
import { jsonSchemaFiles } from '../spec/json-schema.ts';

const folder = new URL('../schema/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, text] of jsonSchemaFiles()) writeFileSync(new URL(name, folder), text);

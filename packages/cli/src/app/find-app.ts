import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ModelRules, ModelRulesError, readModelRules } from '@agentao/testing';
import { CommandError } from '../command-error.ts';
import { commandName } from '../command-name.ts';

/** An app of this folder, `apps/<name>`. */
export interface App {
  readonly name: string;
  /** The program that takes its calls, from the current folder. */
  readonly agentFile: string;
  readonly rulesFile: string;
  /** What a local model says in it. */
  readonly rules: ModelRules;
}

/** Whether a word is the name of an app, rather than a file. */
export function isAppName(word: string): boolean {
  return /^[a-z][a-z0-9-]*$/.test(word);
}

/** Finds an app. Throws CommandError that lists those there are, or says what is wrong with its rules. */
export async function findApp(cwd: string, name: string): Promise<App> {
  const agentFile = join('apps', name, 'src', 'main.ts');
  const rulesFile = join('apps', name, 'model.json');
  const missing = [agentFile, rulesFile].filter((file) => !existsSync(join(cwd, file)));
  if (missing.length === 1) throw new CommandError(`The app ${name} has no ${missing.join()}.`);
  if (missing.length > 1) {
    const names = await appNames(cwd);
    const there =
      names.length === 0
        ? `There is no folder apps/ with apps here. To run a file: ${commandName()} dev <agent-file>`
        : `There are: ${names.join(', ')}.`;
    throw new CommandError(`There is no app ${name}. ${there}`);
  }
  const text = await readFile(join(cwd, rulesFile), 'utf8');
  try {
    return { name, agentFile, rulesFile, rules: readModelRules(JSON.parse(text), rulesFile) };
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new CommandError(`${rulesFile} is no JSON: ${error.message}`, { cause: error });
    if (error instanceof ModelRulesError) throw new CommandError(error.message, { cause: error });
    throw error;
  }
}

async function appNames(cwd: string): Promise<readonly string[]> {
  const folders = await readdir(join(cwd, 'apps'), { withFileTypes: true }).catch(() => []);
  return folders
    .filter((folder) => folder.isDirectory() && existsSync(join(cwd, 'apps', folder.name, 'model.json')))
    .map(({ name }) => name)
    .toSorted();
}

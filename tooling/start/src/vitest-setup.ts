import { buildPage } from './build-page.ts';

/** Builds the page for tests that open or serve it. Where that fails they fail, and no others. */
export async function setup(): Promise<void> {
  await buildPage().catch((error: Error) => console.error(error.message));
}

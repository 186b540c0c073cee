import { type RedactionWatch, watchRedaction } from './watch-redaction.ts';

/** The watch of the test file that is run. */
export const currentWatch: RedactionWatch = watchRedaction();

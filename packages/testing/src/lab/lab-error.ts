/** Something that did not happen in time; the text tells what happened instead, with the times. */
export class LabError extends Error {
  override readonly name = 'LabError';
}

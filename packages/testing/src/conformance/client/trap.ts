import { NonConformance } from '../check.ts';
import { openGate } from './gate.ts';

/** A port that no token and no client may reach. */
export interface Trap extends AsyncDisposable {
  readonly url: string;
  /** Throws `NonConformance` if somebody was there. */
  assertUntouched(expected: string): void;
}

/** Listens on any free port of 127.0.0.1 and answers everything with 404. */
export async function openTrap(): Promise<Trap> {
  const requests: string[] = [];
  const host = '127.0.0.1';
  const gate = await openGate({
    host,
    port: 0,
    innerPort: 0,
    onRequest: (request) => {
      requests.push(
        `a request for ${request.target}${request.headers.has('authorization') ? ' with a credential' : ''}`,
      );
      request.answer(404);
    },
  });
  return {
    url: `ws://${host}:${gate.port}`,
    assertUntouched: (expected) => {
      const [first] = requests;
      if (first !== undefined) throw new NonConformance(expected, first);
    },
    [Symbol.asyncDispose]: () => gate[Symbol.asyncDispose](),
  };
}

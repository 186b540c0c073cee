/** What a conformance agent does, by the `calleeNumber` of the offer. Samples that it says are their position modulo 32,768. */
export const scenarios = {
  idle: 'nothing; waits for the end',
  answer: 'answers',
  decline: '`close` at once, in PENDING',
  talk: 'answers and at once says 3 s, without waiting for the answer',
  echo: 'answers, says what it hears as it comes (in place of counting samples), and sends each key that is pressed as `dtmf`',
  dtmf: 'answers; then sends `1` and `2` as two `dtmf` side by side; when both have their outcome it sends the digits that succeeded as a third one, if any did',
  connect: 'connects in `barge` with a ring time of 20 s',
  'connect-cancel': 'connects, and cancels the ringing 300 ms later',
  clear:
    'answers and says 3 s; 1 s later clears, says 0.5 s, clears again and says 0.5 s, without waiting in between more than it must',
  discard:
    'says 3 s and connects in `spy`; then changes to `whisper` discarding what is queued, and at once says 0.5 s',
  'after-playout': 'says 1 s and connects in `barge`; then changes to `whisper` when that second has been heard',
  heard: 'answers, says 0.5 s, waits until it has been heard, then sends `9` as `dtmf`',
  marks: '1,100 times: says one sample and waits until it has been heard, all of them side by side',
  leave: 'answers, then `close`',
  'hang-up': 'answers, then `disconnect`',
  force: 'answers, then tears down with `FORCE_DISCONNECT`',
  record: 'answers, stores a `context`, adds an annotation, and then sends `5` as `dtmf`, whatever became of the two',
  late: 'answers, and adds an annotation 300 ms after the call has ended',
  tracks: 'answers and wants the tracks `caller` and `callee`',
  continue:
    'only offered as a takeover, to clients that accept one: says 0.5 s and sends `digit` of the `context` as `dtmf`',
  stop: 'nothing; the whole agent stops as at SIGTERM, leaving its calls 500 ms later',
} as const;

/** A word that the kit may put into `calleeNumber`. */
export type Scenario = keyof typeof scenarios;

/** What a client may do without; the checks that need it are `untried` then. A scenario: what that asks of it. */
export type ClientFeature = Scenario | 'resume';

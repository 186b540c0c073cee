import { limits, subprotocols, ticketSubprotocolPrefix } from '@agentao/protocol';
import type { FuzzRandom } from './fuzz-random.ts';
import { healthyNumbers } from './healthy-calls.ts';
import type { SocketName } from './json-schema.ts';
import { socketNames } from './json-schema.ts';
import type { MessageGrammar } from './message-grammar.ts';
import { mutateJson, mutateText } from './mutate-json.ts';
import { longestMs, rogueCallees, rogueCallers, rogueLines, type SwitchStep } from './switch-steps.ts';
import { switchHost, worldFiles } from './switch-world.ts';

const origin = { origin: `http://${switchHost}` };

/** Makes what strangers do to a switch: a few flows that go well for a while, woven into each other, then damaged. */
export function createSwitchScript(grammar: MessageGrammar, random: FuzzRandom): readonly SwitchStep[] {
  const flows = Array.from({ length: 1 + random.int(4) }, (_, index) => {
    const line = random.once(8) ? random.int(rogueLines) : (index * 2) % rogueLines;
    return random.pick([agentFlow, agentFlow, phoneFlow, monitorFlow, browserFlow, strangeFlow])({
      grammar,
      random,
      line,
    });
  });
  return bounded(damaged(woven(flows, random), grammar, random));
}

interface FlowOptions {
  readonly grammar: MessageGrammar;
  readonly random: FuzzRandom;
  /** Its first line; the next one is its too. */
  readonly line: number;
}

function open(line: number, socket: SocketName, headers: Readonly<Record<string, string>>, polite = true): SwitchStep {
  return { do: 'open', line, path: `/${socket}`, subprotocols: [subprotocols[socket]], headers, polite };
}

function say(line: number, message: object): SwitchStep {
  return { do: 'text', line, text: JSON.stringify(message) };
}

const bearer = (token: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${token}` });

/** A client that takes a call, does things in it, and comes back to it. */
function agentFlow({ grammar, random, line }: FlowOptions): SwitchStep[] {
  const media = (line + 1) % rogueLines;
  const callee = random.pick(rogueCallees);
  const wait = (): SwitchStep => ({ do: 'wait', ms: random.once(15) ? 3_100 : random.pick([0, 20, 40, 200, 300]) });
  const steps: SwitchStep[] = [
    open(line, 'control', bearer('$key'), !random.once(6)),
    say(line, { type: 'hello', client: 'fuzz', acceptsTakeover: random.once(2) }),
    say(line, { type: 'ready', ready: true }),
    wait(),
    { do: 'dial', phone: random.int(rogueCallers.length), to: callee },
    wait(),
  ];
  if (random.once(6)) steps.push(say(line, { type: 'decline', offerId: '$offer' }));
  steps.push(
    open(media, 'media', bearer('$token'), !random.once(6)),
    say(media, {
      type: 'attach',
      sampleRateHz: random.pick([8_000, 16_000, 24_000]),
      tracks: ['mix', 'caller'],
      annotateAfterEnd: random.once(3),
    }),
    wait(),
  );
  let id = 1;
  const verbs: (() => SwitchStep)[] = [
    () => say(media, { type: 'answer', id: id++ }),
    () => say(media, { type: 'connect', id: id++, ringTimeMs: random.pick([1_000, 2_000]), mode: 'whisper' }),
    () => say(media, { type: 'connect.cancel', id: id++, connectId: Math.max(1, id - 2) }),
    () => say(media, { type: 'mode', id: id++, mode: random.pick(['barge', 'whisper', 'spy']) }),
    () => say(media, { type: 'clear', id: id++, generation: random.int(3), position: random.pick([0, 480, 4_800]) }),
    () => say(media, { type: 'mark', position: random.pick([0, 1, 480, 2 ** 32 - 1]) }),
    () => say(media, { ...grammar.valid({ socket: 'media', from: 'client' }, random), id: id++ }),
    () => ({ do: 'audio', line: media, samples: random.pick([0, 1, 160, 480, 960, 4_800]) }),
    () => ({ do: 'audio', line: media, samples: 480 }),
    wait,
    wait,
    () =>
      random.once(8)
        ? { do: 'revoke' }
        : { do: random.pick(['hangUp', 'press', 'press']), phone: random.int(rogueCallers.length) },
  ];
  if (!random.once(3)) steps.push(say(media, { type: 'answer', id: id++ }), { do: 'wait', ms: 40 });
  if (random.once(3))
    steps.push(say(media, { type: 'connect', id: id++, ringTimeMs: 1_000, mode: 'barge' }), { do: 'wait', ms: 300 });
  for (let count = random.int(14); count > 0; count--) steps.push(random.pick(verbs)());
  if (random.once(2)) {
    steps.push(
      random.pick<SwitchStep>([
        { do: 'cut', line: media },
        { do: 'close', line: media, code: 4_504 },
        { do: 'halfOpen', line: media },
      ]),
      wait(),
      open(media, 'media', bearer('$resume')),
      say(media, { type: 'resume', received: { mix: random.int(48_000) }, lastEventSeq: random.int(4), generation: 0 }),
      wait(),
    );
  }
  for (let count = random.int(6); count > 0; count--) steps.push(random.pick(verbs)());
  return steps;
}

function phoneFlow({ random, line }: FlowOptions): SwitchStep[] {
  const number = random.pick(['+15556009', '+15557009', '+15556000', healthyNumbers.phone, healthyNumbers.agent, 'me']);
  const to = random.pick([...rogueCallees, '+15556009', '+15557009', healthyNumbers.agent, healthyNumbers.phone, '+1']);
  const steps: SwitchStep[] = [
    open(line, 'phone', bearer('$operator')),
    say(line, {
      type: 'register',
      number,
      sampleRateHz: random.pick([8_000, 16_000, 24_000]),
      onlyIfFree: random.once(2),
    }),
  ];
  const acts: (() => SwitchStep)[] = [
    () => say(line, { type: 'dial', to }),
    () => say(line, { type: random.pick(['answer', 'reject', 'hangup']) }),
    () => say(line, { type: 'dtmf', digit: random.pick(['1', '#', 'A']), durationMs: random.pick([0, 100, 1e9]) }),
    () => ({ do: 'audio', line, samples: random.pick([160, 480, 481, 0, 9_600]), track: 0 }),
    () => ({ do: 'audio', line, samples: 480, track: 0 }),
    () => ({ do: 'wait', ms: random.pick([0, 20, 200]) }),
    () => ({ do: 'dial', phone: random.int(rogueCallers.length), to: random.pick(['+15556009', to]) }),
  ];
  for (let count = 2 + random.int(12); count > 0; count--) steps.push(random.pick(acts)());
  return steps;
}

function monitorFlow({ random, line }: FlowOptions): SwitchStep[] {
  const watch = random.pick([
    ['$call'],
    ['$healthyCall', '$call'],
    [],
    Array.from({ length: 64 }, (_, at) => `c${at}`),
  ]);
  return [
    open(line, 'monitor', bearer('$operator')),
    say(line, { type: 'watch', callIds: watch }),
    { do: 'wait', ms: random.pick([0, 20, 400]) },
    ...(random.once(3) ? [{ do: 'stall', line } as const] : []),
    say(line, { type: 'watch', callIds: ['$call'] }),
    { do: 'wait', ms: random.pick([0, 200]) },
  ];
}

const paths = [
  ...worldFiles,
  '/session',
  '/session/ticket',
  '/sign-in',
  '/healthz',
  '/readyz',
  '/control',
  '/../app.js',
  '/./app.js',
  '//app.js',
  '/app.js/',
  '/..%2fapp.js',
  '/%2e%2e/etc/passwd',
  '/app.js%00',
  '/constructor',
  '/__proto__',
  '\\app.js',
  '',
  '*',
  'http://evil/app.js',
];

function browserFlow({ random, line }: FlowOptions): SwitchStep[] {
  const http = (method: string, path: string, headers: Readonly<Record<string, string>>, query = ''): SwitchStep => {
    return { do: 'http', method, path, query, headers: { ...origin, ...headers } };
  };
  const cookie = { cookie: '$cookie' };
  const acts: (() => readonly SwitchStep[])[] = [
    () => [http('POST', '/session', bearer(random.pick(['$signIn', '$viewer', '$operator', 'none'])))],
    () => [http('GET', '/session', cookie), http('DELETE', '/session', random.once(3) ? cookie : {})],
    () => [
      http(
        'POST',
        '/sign-in',
        random.pick([cookie, bearer('$operator')]),
        `role=${random.pick(['viewer', 'operator', 'x', ''])}`,
      ),
    ],
    () => [
      http('POST', '/session/ticket', cookie),
      {
        do: 'open',
        line,
        path: random.pick(['/phone', '/monitor']),
        subprotocols: [random.pick([subprotocols.phone, subprotocols.monitor]), `${ticketSubprotocolPrefix}$ticket`],
        headers: origin,
        polite: true,
      },
    ],
    () => [
      http(
        random.pick(['GET', 'HEAD', 'POST', 'PUT', 'constructor', '__proto__']),
        random.pick(paths),
        {},
        'a=%zz&role=',
      ),
    ],
    () => [
      http('GET', random.pick(paths), {
        [random.pick(['host', 'origin', 'cookie', 'authorization'])]: random.pick([
          '',
          'evil',
          '[::1',
          '=;=;',
          'Bearer ',
          ';'.repeat(9_000),
          'null',
        ]),
      }),
    ],
  ];
  return [...(acts[0]?.() ?? []), ...Array.from({ length: 1 + random.int(7) }, () => random.pick(acts)()).flat()];
}

/** Somebody who has understood nothing. */
function strangeFlow({ grammar, random, line }: FlowOptions): SwitchStep[] {
  const socket = random.pick(socketNames);
  const credential = random.pick(['$key', '$operator', '$token', '$resume', '$ticket', 'none', '']);
  const steps: SwitchStep[] = [open(line, socket, bearer(credential), false)];
  for (let count = random.int(8); count > 0; count--) {
    const spoken = random.once(4) ? random.pick(socketNames) : socket;
    steps.push(
      random.once(5)
        ? { do: 'bytes', line, hex: Buffer.from(random.bytes(random.int(40))).toString('hex') }
        : {
            do: 'text',
            line,
            text: grammar.text({ socket: spoken, from: random.once(9) ? 'switch' : 'client' }, random),
          },
    );
  }
  if (random.once(10)) steps.push({ do: 'text', line, text: 'x'.repeat(limits.controlMessageBytes + random.int(2)) });
  return steps;
}

/** One order of all steps in which each flow keeps its own. */
function woven(flows: readonly SwitchStep[][], random: FuzzRandom): SwitchStep[] {
  const left = flows.map((flow) => [...flow]);
  const steps: SwitchStep[] = [];
  for (;;) {
    const living = left.filter((flow) => flow.length > 0);
    if (living.length === 0) return steps;
    const flow = random.pick(living);
    for (let count = 1 + random.int(4); count > 0 && flow.length > 0; count--) steps.push(flow.shift() as SwitchStep);
  }
}

function damaged(steps: SwitchStep[], grammar: MessageGrammar, random: FuzzRandom): SwitchStep[] {
  const changed = [...steps];
  for (let count = random.pick([0, 0, 1, 1, 2, 6]); count > 0 && changed.length > 0; count--) {
    const at = random.int(changed.length);
    const step = changed[at] as SwitchStep;
    const line = 'line' in step ? step.line : random.int(rogueLines);
    switch (random.int(9)) {
      case 0:
        changed.splice(at, 1);
        break;
      case 1:
        changed.splice(at, 0, ...Array.from({ length: random.pick([1, 1, 3, 120]) }, () => step));
        break;
      case 2: {
        const other = random.int(changed.length);
        changed[at] = changed[other] as SwitchStep;
        changed[other] = step;
        break;
      }
      case 3:
        changed.splice(at, 0, { do: random.pick(['cut', 'halfOpen', 'stall', 'resume']), line });
        break;
      case 4:
        changed.splice(at, 0, { do: 'close', line, code: random.pick([1_000, 1_001, 4_411, 4_400, 4_999, 3_000]) });
        break;
      case 5:
        changed.splice(at, 0, {
          do: 'text',
          line,
          text: grammar.text({ socket: random.pick(socketNames), from: 'client' }, random),
        });
        break;
      case 6: {
        const odd = {
          generation: random.int(256),
          position: random.pick([0, 1, 2 ** 32 - 1, 480]),
          flags: random.int(65_536),
        };
        changed.splice(at, 0, {
          do: 'audio',
          line,
          samples: random.pick([0, 1, 480, 30_000]),
          track: random.int(256),
          ...odd,
        });
        break;
      }
      default:
        if (step.do === 'text') changed[at] = { ...step, text: damagedText(step.text, random) };
        else if (step.do === 'open')
          changed[at] = {
            ...step,
            path: random.pick(['/', '/phone', '/media/', '/control?x', step.path]),
            subprotocols: [],
          };
    }
  }
  return changed;
}

function damagedText(text: string, random: FuzzRandom): string {
  if (random.once(3)) return mutateText(text, random);
  try {
    return JSON.stringify(mutateJson(JSON.parse(text), random));
  } catch {
    return mutateText(text, random);
  }
}

/** Cuts a case off where its waits take too long, since the healthy calls have spoken then. */
function bounded(steps: readonly SwitchStep[]): readonly SwitchStep[] {
  let waitedMs = 0;
  const end = steps.findIndex((step) => step.do === 'wait' && (waitedMs += step.ms) > longestMs);
  return (end < 0 ? steps : steps.slice(0, end)).slice(0, 400);
}

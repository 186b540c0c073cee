import { NonConformance, Untried } from '../../check.ts';
import { type SwitchBench, succeeds } from '../bench.ts';
import { agentVoice, phoneSays } from '../hearing.ts';
import { check, type SwitchCheck } from '../make-check.ts';

/** On which connections a rule can be seen. */
type Seen = 'everywhere' | 'in calls' | 'on monitors';

/** A rule that holds at all times: judged by all that this run has seen, and at least by one whole call. */
function standing(clause: string, seen: Seen, name: string): SwitchCheck {
  return check(clause, `${name}, on every connection of this run`, async (bench) => {
    const { whyNoCalls, whyNoOperators } = bench.site;
    const whyNot = seen === 'in calls' ? whyNoCalls : seen === 'on monitors' ? whyNoOperators : undefined;
    if (whyNot !== undefined) throw new Untried(whyNot);
    await bench.site.shared('a whole call', () => wholeCall(bench));
    const found = bench.site.violations.filter((violation) => violation.clause === clause);
    const [first] = found;
    if (first === undefined) return;
    const more = found.length === 1 ? '' : `, and ${found.length - 1} more of the kind`;
    throw new NonConformance(name, `${first.why}${more}`);
  });
}

/** A call with everything in it, so that there is something to judge. */
async function wholeCall(bench: SwitchBench): Promise<void> {
  await bench.control();
  if (bench.site.whyNoOperators === undefined) await bench.monitor();
  if (bench.site.whyNoCalls !== undefined) return;
  const monitor = await bench.monitor();
  const { media, caller, attached, offer } = await bench.connected('barge');
  monitor.send({ type: 'watch', callIds: [offer.callId] });
  media.sendAudio({ samples: agentVoice() });
  await phoneSays(bench, caller, { who: 'caller', durationMs: 400 });
  await media.message('playout');
  await media.message('credit');
  caller.send({ type: 'dtmf', digit: '1' });
  await media.message('event', ({ event }) => event.type === 'call.dtmf');
  await succeeds(media, media.command('clear', { generation: 1, position: attached.windowSamples }));
  await succeeds(media, media.command('mode', { mode: 'whisper' }));
  await succeeds(media, media.command('close'));
  await media.closes('NORMAL');
  await bench.sleep(300);
}

/** Rules that every connection is watched for. They come last. */
export const standingChecks: readonly SwitchCheck[] = [
  standing('G-02', 'everywhere', 'binary messages come on media and phone only'),
  standing('G-04', 'everywhere', 'every text is well formed'),
  standing('G-05', 'everywhere', 'no message is larger than allowed'),
  standing('G-06', 'everywhere', 'no object repeats a key'),
  standing('G-09', 'everywhere', 'the close codes of 10.2 are the only ones'),
  standing('G-11', 'everywhere', 'no token stands in a URL'),
  standing('C-06', 'in calls', 'an offer ends once'),
  standing('M-02', 'in calls', 'nothing but `ping` and `pong` comes before `attached`, and that once'),
  standing('M-03', 'in calls', '`call.terminated` is the last event'),
  standing('M-06', 'in calls', 'there is one response per command'),
  standing('M-09', 'in calls', 'events are numbered without a gap or a repeat'),
  standing('A-01', 'in calls', 'incoming audio is whole samples of generation 0 and known flags'),
  standing('A-04', 'in calls', 'positions never go back, and jump only where it is flagged'),
  standing('A-08', 'in calls', 'credit never falls within a generation'),
  standing('A-12', 'in calls', 'credit grows in steps of at least 100 ms'),
  standing('A-13', 'in calls', '`played` never falls'),
  standing('P-06', 'in calls', 'a phone is told of one end per call'),
  standing('P-08', 'in calls', 'audio to phones has track 0 and generation 0'),
  standing('P-09', 'in calls', 'positions to phones go on from 0, and jump only where it is flagged'),
  standing('O-01', 'on monitors', 'one `snapshot` comes, and first'),
  standing('O-02', 'on monitors', '`ended` comes once, and of calls that were there'),
  standing('O-03', 'on monitors', 'timelines and levels are of calls that were told of'),
];

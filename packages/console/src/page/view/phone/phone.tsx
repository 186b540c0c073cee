import { useId } from 'react';
import { LevelMeter } from '../level-meter.tsx';
import { useLiveState } from '../use-live-state.ts';
import { Devices } from './devices.tsx';
import { Keypad } from './keypad.tsx';
import { isDigit } from './keys.ts';
import { actionHint, type PhoneParty } from './line-words.ts';
import { MicrophoneProblem } from './microphone-problem.tsx';
import { microphoneLamp, microphoneWords } from './microphone-words.ts';
import { PhoneActions } from './phone-actions.tsx';
import { PhoneDisplay } from './phone-display.tsx';
import { PhoneHead } from './phone-head.tsx';
import { SayForm } from './say-form.tsx';
import { useKeptFocus } from './use-kept-focus.ts';
import { useKeypad } from './use-keypad.ts';
import type { Session } from '../../session/session.ts';
import type { Softphone } from '../../softphone/softphone.ts';
import './phone.css';

/** One softphone. Digits of the keyboard are its keys while it has the focus. */
export function Phone({
  phone,
  session,
  party,
}: {
  readonly phone: Softphone;
  readonly session: Session;
  readonly party: PhoneParty;
}): React.ReactNode {
  const state = useLiveState(phone);
  const { line } = state;
  const use = { party, dials: party === 'caller' && session.mayDial };
  const headingId = useId();
  const talking = line.name === 'talking';
  const plugged = line.name !== 'unplugged';
  const heldKey = useKeypad(phone, talking);
  const section = useKeptFocus<HTMLElement>(line.name);

  const onKeyDown = (event: React.KeyboardEvent): void => {
    const typed = event.target instanceof HTMLInputElement && event.target.type !== 'checkbox';
    const choosing = event.target instanceof HTMLSelectElement;
    if (typed || choosing || event.ctrlKey || event.altKey || event.metaKey || !isDigit(event.key)) return;
    heldKey.press(event.key, event.code);
  };

  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/no-noninteractive-tabindex -- takes the focus from a click, so that the keyboard is its keypad
    <section
      ref={section}
      className="phone panel"
      data-line={line.name}
      aria-labelledby={headingId}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onKeyUp={(event) => heldKey.release(event.code)}
    >
      <PhoneHead
        phone={phone}
        state={state}
        name={party === 'caller' ? 'Caller' : 'Callee'}
        headingId={headingId}
        mayChooseNumber={session.mayDial}
      />
      <PhoneDisplay state={state} use={use} />
      <div className="phone-actions">
        <PhoneActions phone={phone} state={state} session={session} use={use} />
        {talking && <SayForm phone={phone} />}
        <p className="quiet">{actionHint(line, use)}</p>
        <MicrophoneProblem phone={phone} state={state} />
      </div>
      <div className="phone-works">
        <Keypad heldKey={heldKey} disabled={!talking} />
        <div className="phone-levels">
          <span aria-hidden="true">Spoken</span>
          <LevelMeter label="Spoken" running={plugged} readDb={() => phone.levels.spokenDb} />
          <span aria-hidden="true">Heard</span>
          <LevelMeter label="Heard" running={plugged} readDb={() => phone.levels.heardDb} />
        </div>
        <div className="phone-switches">
          <button
            type="button"
            aria-pressed={state.muted}
            disabled={!plugged}
            onClick={() => phone.setMuted(!state.muted)}
          >
            Mute
          </button>
          <label className="choice" title="Echo cancellation, noise suppression and automatic gain">
            <input
              type="checkbox"
              checked={state.voiceProcessing}
              onChange={(event) => void phone.setVoiceProcessing(event.target.checked)}
            />
            Voice processing
          </label>
        </div>
        <p className="microphone quiet">
          <span className="lamp" data-lit={microphoneLamp(state)} />
          <span className="number">{microphoneWords(state)}</span>
        </p>
        <Devices phone={phone} state={state} />
      </div>
    </section>
  );
}

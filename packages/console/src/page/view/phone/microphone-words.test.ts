import { expect, it } from 'vitest';
import { microphoneLamp, microphoneWords } from './microphone-words.ts';
import type { MicrophoneState, SoftphoneState } from '../../softphone/softphone.ts';

const shown = (microphone: MicrophoneState, muted = false): readonly string[] => {
  const state = { microphone, muted } as SoftphoneState;
  return [microphoneLamp(state), microphoneWords(state)];
};
const on = { name: 'on', deviceId: 'a', label: 'Headset' } as const;

it('names the microphone that is heard', () => {
  expect(shown(on)).toEqual(['live', 'Headset']);
  expect(shown({ ...on, label: '' })).toEqual(['live', 'Microphone on']);
});

it('does not look open while muted', () => {
  expect(shown(on, true)).toEqual(['off', 'Muted']);
});

it('tells asking from being refused', () => {
  expect(shown({ name: 'asking' })).toEqual(['wait', 'Waiting for permission']);
  expect(shown({ name: 'refused', problem: 'x' })).toEqual(['bad', 'No microphone']);
});

import type { SoftphoneState } from '../../softphone/softphone.ts';

/** The lamp of the microphone: lit while it is heard, blinking while the person is asked, red when it is out of order. */
export function microphoneLamp({ microphone, muted }: SoftphoneState): 'off' | 'live' | 'wait' | 'bad' {
  switch (microphone.name) {
    case 'off':
      return 'off';
    case 'asking':
      return 'wait';
    case 'on':
      return muted ? 'off' : 'live';
    case 'refused':
    case 'missing':
    case 'failed':
      return 'bad';
  }
}

/** The microphone in a few words, or by its name. */
export function microphoneWords({ microphone, muted }: SoftphoneState): string {
  switch (microphone.name) {
    case 'off':
      return 'Microphone off';
    case 'asking':
      return 'Waiting for permission';
    case 'on':
      return muted ? 'Muted' : microphone.label || 'Microphone on';
    case 'refused':
    case 'missing':
    case 'failed':
      return 'No microphone';
  }
}

/** Frequencies of the keypad's rows and columns in Hz (ITU-T Q.23). */
const rowsHz = [697, 770, 852, 941];
const columnsHz = [1209, 1336, 1477, 1633];
const keys = '123A456B789C*0#D';

/** Loud enough to be noticed, too soft to be in the way. */
const gain = 0.04;
const fadeS = 0.005;

/** Whether `text` is one key of a keypad. */
export function isKey(text: string): boolean {
  return text.length === 1 && keys.includes(text);
}

/** Sounds the tone of a key at the own speaker until the returned function is called. */
export function startKeyTone(context: BaseAudioContext, key: string): () => void {
  const index = keys.indexOf(key);
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.setTargetAtTime(gain, context.currentTime, fadeS / 3);
  volume.connect(context.destination);
  const tones = [rowsHz[index >> 2], columnsHz[index & 3]].map((frequency) => {
    const tone = new OscillatorNode(context, { frequency: frequency ?? 0 });
    tone.connect(volume);
    tone.start();
    return tone;
  });
  return () => {
    volume.gain.cancelScheduledValues(context.currentTime);
    volume.gain.setTargetAtTime(0, context.currentTime, fadeS / 3);
    for (const tone of tones) tone.stop(context.currentTime + 2 * fadeS);
    tones[0]?.addEventListener('ended', () => volume.disconnect());
  };
}

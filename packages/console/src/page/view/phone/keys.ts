/** One key of a phone, with the letters printed below the digit. */
export interface Key {
  readonly digit: string;
  readonly letters: string;
}

/** The keys of a phone, row by row. */
export const keys: readonly Key[] = [
  { digit: '1', letters: '' },
  { digit: '2', letters: 'ABC' },
  { digit: '3', letters: 'DEF' },
  { digit: '4', letters: 'GHI' },
  { digit: '5', letters: 'JKL' },
  { digit: '6', letters: 'MNO' },
  { digit: '7', letters: 'PQRS' },
  { digit: '8', letters: 'TUV' },
  { digit: '9', letters: 'WXYZ' },
  { digit: '*', letters: '' },
  { digit: '0', letters: '' },
  { digit: '#', letters: '' },
];

/** Whether a key of the keyboard is one of the phone. */
export function isDigit(key: string): boolean {
  return keys.some(({ digit }) => digit === key);
}

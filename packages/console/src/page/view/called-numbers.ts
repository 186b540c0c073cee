/** The whole numbers that lead to an agent, without prefixes such as `+1555*`. */
export function wholeNumbers(numbers: readonly string[]): readonly string[] {
  return numbers.filter((number) => !number.endsWith('*'));
}

/** What a dial field starts with: the first whole number, else the first prefix for the person to complete, else nothing. */
export function firstNumber(numbers: readonly string[]): string {
  return wholeNumbers(numbers)[0] ?? numbers[0]?.replace(/\*$/, '') ?? '';
}

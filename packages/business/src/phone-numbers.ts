import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js';

const e164 = /^\+[1-9]\d{6,14}$/;

/**
 * A number as it was dialled, typed or shown, in E.164: `+442079460000`; one that has that form already is taken as it is. `undefined` for one that is
 * withheld, empty or no number. `country`, ISO 3166 such as `GB`, is where numbers without a `+` are from. Throws `TypeError` for a country that
 * there is not.
 */
export function normalisePhoneNumber(
  text: string,
  { country }: { readonly country?: string } = {},
): string | undefined {
  if (country !== undefined && !isSupportedCountry(country))
    throw new TypeError(`country: ISO 3166, such as GB; not ${country}`);
  if (e164.test(text)) return text;
  const number = parsePhoneNumberFromString(text.replace(/^tel:/i, ''), {
    extract: false,
    ...(country === undefined ? {} : { defaultCountry: country }),
  });
  // What a country has as possible may be shorter or longer than E.164 has it.
  return number?.isPossible() === true && e164.test(number.number) ? number.number : undefined;
}

/** A `CHECK` of SQLite by which a column has nothing but numbers in E.164: `number TEXT NOT NULL CHECK (${e164Check('number')})`. */
export function e164Check(column: string): string {
  return `${column} GLOB '+[1-9]*' AND substr(${column}, 2) NOT GLOB '*[^0-9]*' AND length(${column}) BETWEEN 8 AND 16`;
}

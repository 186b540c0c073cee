/** Characters of a number that are not seen or turn the text around: controls, formats, line separators. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A number as it came from the switch, what is not seen in it spelt out; long ones are cut, the whole one is in the tooltip. */
export function PhoneNumber({ number }: { readonly number: string }): React.ReactNode {
  if (number === '') return <span className="number">withheld</span>;
  const shown = number.replaceAll(unseen, (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
  return (
    <bdi className="number" title={shown}>
      {shown}
    </bdi>
  );
}

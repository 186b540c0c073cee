/** A number as it came from the switch; long ones are cut, the whole one is in the tooltip. */
export function PhoneNumber({ number }: { readonly number: string }): React.ReactNode {
  if (number === '') return <span className="number">withheld</span>;
  return (
    <bdi className="number" title={number}>
      {number}
    </bdi>
  );
}

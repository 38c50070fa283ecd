/** A name and a value, with explaining sentences. */
export function Fact(props: { name: string; value: string; wide?: boolean; notes?: string[] }) {
  const { name, value, wide = false, notes = [] } = props;
  return (
    <div className={wide || notes.length > 0 ? 'fact fact-wide' : 'fact'}>
      <dt>{name}</dt>
      <dd>{value}</dd>
      {notes.map((note) => (
        <dd className="fact-note" key={note}>
          {note}
        </dd>
      ))}
    </div>
  );
}

// A choice of a few, side by side.
type Props<T extends string> = { label: string; value: T; options: readonly (readonly [T, string])[]; onChange: (value: T) => void };

export const Choice = <T extends string>({ label, value, options, onChange }: Props<T>) => (
  <div className="choice" role="group" aria-label={label}>
    {options.map(([each, name]) => (
      <button key={each} type="button" aria-pressed={each === value} onClick={() => { onChange(each); }}>{name}</button>
    ))}
  </div>
);

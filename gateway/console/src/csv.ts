// Files of comma-separated values, made from what the page shows.

type Cell = string | number | null | undefined;

// A spreadsheet would run a cell that begins like a formula.
const FORMULA = /^[=+\-@\t\r]/;

const cell = (value: Cell): string => {
  if (typeof value === 'number') return String(value);
  const text = value ?? '';
  const safe = FORMULA.test(text) && !/^\+?\d+$/.test(text) ? `'${text}` : text;
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** Let the browser save rows as a file. */
export function download(name: string, rows: readonly (readonly Cell[])[]): void {
  const text = rows.map((row) => row.map(cell).join(',')).join('\r\n');
  save(name, new Blob([`\uFEFF${text}\r\n`], { type: 'text/csv' }));
}

/** Let the browser save a file. */
export function save(name: string, file: Blob): void {
  const address = URL.createObjectURL(file);
  const anchor = document.createElement('a');
  anchor.href = address;
  anchor.download = name;
  anchor.click();
  URL.revokeObjectURL(address);
}

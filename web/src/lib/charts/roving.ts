/** Rows that Page Up and Page Down move by. */
const page = 5;

/**
 * The row that a key moves to in a vertical list of `length` rows; null when the key does not move.
 * The list does not wrap: its ends mean the hardest and the easiest grade.
 */
export function rowAfterKey(key: string, row: number, length: number): number | null {
  const target = targetOf(key, row, length);
  return target === null ? null : Math.min(Math.max(target, 0), length - 1);
}

function targetOf(key: string, row: number, length: number): number | null {
  switch (key) {
    case 'ArrowUp':
      return row - 1;
    case 'ArrowDown':
      return row + 1;
    case 'PageUp':
      return row - page;
    case 'PageDown':
      return row + page;
    case 'Home':
      return 0;
    case 'End':
      return length - 1;
    default:
      return null;
  }
}

export type Direction = 'columns' | 'rows';

/** The same among marks that stand side by side or one below the other; the keys of the other direction do nothing. */
export function markAfterKey(key: string, index: number, length: number, direction: Direction): number | null {
  if (direction === 'rows') return rowAfterKey(key, index, length);
  const alias: Record<string, string> = { ArrowLeft: 'ArrowUp', ArrowRight: 'ArrowDown' };
  if (key === 'ArrowUp' || key === 'ArrowDown') return null;
  return rowAfterKey(alias[key] ?? key, index, length);
}

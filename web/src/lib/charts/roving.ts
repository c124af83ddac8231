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

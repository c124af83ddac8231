/** The unit that a climber measures routes in. The server keeps feet, because most logbooks have them. */
export type LengthUnit = 'ft' | 'm';

const metresPerFoot = 0.3048;
const key = 'cragbase.length-unit';

/** Whole feet of what was typed: 0 for nothing, null for what is no length. */
export function feetOf(text: string, unit: LengthUnit): number | null {
  const trimmed = text.trim().replace(',', '.');
  if (!/^\d*\.?\d*$/.test(trimmed) || trimmed === '.') return null;
  const value = Number(trimmed);
  return Math.round(unit === 'm' ? value / metresPerFoot : value);
}

/** A length as a form shows it; not known is empty. */
export function lengthText(feet: number, unit: LengthUnit): string {
  if (feet <= 0) return '';
  return String(Math.round(unit === 'm' ? feet * metresPerFoot : feet));
}

/** The unit that was chosen last on this device. */
export function rememberedUnit(): LengthUnit {
  try {
    return localStorage.getItem(key) === 'm' ? 'm' : 'ft';
  } catch {
    return 'ft';
  }
}

export function rememberUnit(unit: LengthUnit): void {
  try {
    localStorage.setItem(key, unit);
  } catch {
    // Storage may be blocked; the choice then lasts as long as the form.
  }
}

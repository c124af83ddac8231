import { scaleLinear } from 'd3-scale';

/** Room around what is drawn, in CSS pixels. */
export interface Margins {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

/** The part of a drawing that holds the marks. */
export interface Area {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Where a pointer or the keyboard finds one mark. */
export interface Spot {
  key: string;
  /** What a screen reader says of it. */
  label: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export function areaOf(width: number, height: number, margins: Margins): Area {
  return {
    left: margins.left,
    right: Math.max(width - margins.right, margins.left + 1),
    top: margins.top,
    bottom: Math.max(height - margins.bottom, margins.top + 1),
  };
}

/** Bands of equal width for `length` columns; `bar` is the part of a band that a bar fills. */
export interface Bands {
  step: number;
  bar: number;
  /** Left edge of a column's band. */
  start: (index: number) => number;
  middle: (index: number) => number;
}

const widestBar = 44;

export function bandsOf(length: number, area: Area): Bands {
  const step = (area.right - area.left) / Math.max(length, 1);
  const start = (index: number): number => area.left + index * step;
  return { step, bar: Math.min(Math.max(step * 0.72, 1), widestBar), start, middle: (index) => start(index) + step / 2 };
}

/** The columns of a drawing as spots from top to bottom, so that the whole height answers to the pointer. */
export function columnSpots(labels: readonly { key: string; label: string }[], bands: Bands, area: Area): Spot[] {
  return labels.map((mark, index) => ({ ...mark, x: bands.start(index), y: area.top, width: bands.step, height: area.bottom - area.top }));
}

/** Round values from zero to at least `most`, about `wanted` of them, whole numbers only. */
export function countTicks(most: number, wanted = 4): number[] {
  const top = Math.max(most, 1);
  const ticks = scaleLinear([0, top], [0, 1]).nice(wanted).ticks(wanted).filter(Number.isInteger);
  return ticks.length > 1 ? ticks : [0, Math.ceil(top)];
}

/** Every n-th index, so that labels `room` pixels wide stand apart; the last one counts from the end. */
export function sparse(length: number, step: number, room: number): (index: number) => boolean {
  const every = Math.max(Math.ceil(room / Math.max(step, 0.01)), 1);
  return (index) => (length - 1 - index) % every === 0;
}

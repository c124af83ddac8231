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

/** Columns as spots from top to bottom, so that the whole height answers to the pointer. */
export function columnSpots<T>(items: readonly T[], columns: readonly { x: number; width: number }[], area: Area, key: (item: T) => string, label: (item: T) => string): Spot[] {
  const down = { y: area.top, height: area.bottom - area.top };
  return items.map((item, index) => ({ key: key(item), label: label(item), x: columns[index]?.x ?? 0, width: columns[index]?.width ?? 1, ...down }));
}

/** Rows of one height as spots from side to side. */
export function rowSpots<T>(items: readonly T[], width: number, rowHeight: number, key: (item: T) => string, label: (item: T) => string, top = 0): Spot[] {
  return items.map((item, index) => ({ key: key(item), label: label(item), x: 1, y: top + index * rowHeight + 1, width: Math.max(width - 2, 1), height: rowHeight - 2 }));
}

/** Round values from zero to at least `most`, about `wanted` of them, whole numbers only. */
export function countTicks(most: number, wanted = 4): number[] {
  const top = Math.max(most, 1);
  const ticks = scaleLinear([0, top], [0, 1]).nice(wanted).ticks(wanted).filter(Number.isInteger);
  return ticks.length > 1 ? ticks : [0, Math.ceil(top)];
}

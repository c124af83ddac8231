import { max } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import { stack, stackOffsetSilhouette } from 'd3-shape';
import { plural } from '../format';
import type { AscentStyle, PyramidBin } from '../pb/types';
import { ascentKinds, kindsIn } from './ascents';

/** The room a pyramid is drawn in, in CSS pixels. */
export interface PyramidSize {
  width: number;
  rowHeight: number;
  barHeight: number;
  /** Kept free on both sides, for grades on the left and for counts on the right. */
  gutter: number;
}

/** One style's part of a bar. `joints` are the x positions between its routes, like mortar between bricks. */
export interface Segment {
  style: AscentStyle;
  x: number;
  width: number;
  joints: number[];
}

export interface PyramidRow {
  bin: PyramidBin;
  y: number;
  barY: number;
  left: number;
  right: number;
  segments: Segment[];
}

export interface PyramidLayout {
  width: number;
  height: number;
  rows: PyramidRow[];
}

/** A single route is never drawn wider than this, so that a short logbook does not look like a long one. */
const widestRoute = 56;

/** Below this width per route the joints would be a smear. */
const narrowestBrick = 6;

const stackOf = stack<PyramidBin, AscentStyle>()
  .keys(ascentKinds.map((kind) => kind.style))
  .value((bin, style) => bin.styles[style] ?? 0)
  .offset(stackOffsetSilhouette);

/** Lays the bins out as centred stacked bars, hardest on top, all on one scale of routes. */
export function layoutPyramid(bins: readonly PyramidBin[], size: PyramidSize): PyramidLayout {
  const room = Math.max(size.width - 2 * size.gutter, 1);
  const span = Math.max(max(bins, (bin) => bin.count) ?? 0, room / widestRoute);
  const x = scaleLinear([-span / 2, span / 2], [size.gutter, size.gutter + room]);
  const series = stackOf([...bins]);
  const rows = bins.map((bin, index): PyramidRow => {
    const y = index * size.rowHeight;
    const segments = series
      .map((layer) => segment(layer.key, layer[index]?.[0] ?? 0, layer[index]?.[1] ?? 0, x, room / span))
      .filter((part) => part.width > 0);
    const centre = size.gutter + room / 2;
    return {
      bin,
      y,
      barY: y + (size.rowHeight - size.barHeight) / 2,
      left: segments[0]?.x ?? centre,
      right: endOf(segments.at(-1)) ?? centre,
      segments,
    };
  });
  return { width: size.width, height: bins.length * size.rowHeight, rows };
}

function segment(style: AscentStyle, from: number, to: number, x: (value: number) => number, brick: number): Segment {
  const joints: number[] = [];
  if (brick >= narrowestBrick) for (let at = from + 1; at < to; at++) joints.push(x(at));
  return { style, x: x(from), width: x(to) - x(from), joints };
}

function endOf(last: Segment | undefined): number | undefined {
  return last && last.x + last.width;
}

/** A bar in words: "5.11a: 7 routes, 2 onsight, 5 redpoint". */
export function describeBin(bin: PyramidBin): string {
  if (bin.count === 0) return `${bin.grade}: no route`;
  const parts = kindsIn(bin.styles).map(({ style, noun }) => `${bin.styles[style]} ${noun}`);
  return `${bin.grade}: ${[plural(bin.count, 'route'), ...parts].join(', ')}`;
}

import { max } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import { stack, stackOffsetSilhouette } from 'd3-shape';
import { plural } from '../format';
import type { AscentStyle, Goal, GoalRow, PyramidBin } from '../pb/types';
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
  /** The outline of what the goal asks for here; null without one. */
  target: { x: number; width: number } | null;
  /** Where all that is drawn ends. */
  end: number;
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

/** The bins with empty ones for the grades of a goal that lie above or below them. */
export function withGoal(bins: readonly PyramidBin[], goal: Goal | null): PyramidBin[] {
  const known = new Set(bins.map(({ grade }) => grade));
  const rows = goal?.rows ?? [];
  const first = rows.findIndex(({ grade }) => known.has(grade));
  const empty = ({ grade }: GoalRow): PyramidBin => ({ grade, low: 0, high: 0, count: 0, styles: {}, routes: [] });
  if (first < 0) return [...rows.map(empty), ...bins];
  const below = rows.slice(first).filter(({ grade }) => !known.has(grade));
  return [...rows.slice(0, first).map(empty), ...bins, ...below.map(empty)];
}

/** Lays the bins out as centred stacked bars, hardest on top, all on one scale of routes. */
export function layoutPyramid(bins: readonly PyramidBin[], size: PyramidSize, goal: Goal | null = null): PyramidLayout {
  const targets = new Map(goal?.rows.map(({ grade, target }) => [grade, target]));
  const room = Math.max(size.width - 2 * size.gutter, 1);
  const span = Math.max(max(bins, (bin) => Math.max(bin.count, targets.get(bin.grade) ?? 0)) ?? 0, room / widestRoute);
  const x = scaleLinear([-span / 2, span / 2], [size.gutter, size.gutter + room]);
  const series = stackOf([...bins]);
  const rows = bins.map((bin, index): PyramidRow => {
    const y = index * size.rowHeight;
    const segments = series
      .map((layer) => segment(layer.key, layer[index]?.[0] ?? 0, layer[index]?.[1] ?? 0, x, room / span))
      .filter((part) => part.width > 0);
    const centre = size.gutter + room / 2;
    const right = endOf(segments.at(-1)) ?? centre;
    const target = targetOf(targets.get(bin.grade), centre, room / span);
    return {
      bin,
      y,
      barY: y + (size.rowHeight - size.barHeight) / 2,
      left: segments[0]?.x ?? centre,
      right,
      segments,
      target,
      end: Math.max(right, endOf(target) ?? right),
    };
  });
  return { width: size.width, height: bins.length * size.rowHeight, rows };
}

function targetOf(routes: number | undefined, centre: number, brick: number): PyramidRow['target'] {
  return routes ? { x: centre - (routes * brick) / 2, width: routes * brick } : null;
}

function segment(style: AscentStyle, from: number, to: number, x: (value: number) => number, brick: number): Segment {
  const joints: number[] = [];
  if (brick >= narrowestBrick) for (let at = from + 1; at < to; at++) joints.push(x(at));
  return { style, x: x(from), width: x(to) - x(from), joints };
}

function endOf(part: { x: number; width: number } | null | undefined): number | undefined {
  return part ? part.x + part.width : undefined;
}

/** A bar in words: "5.11a: 7 routes, 2 onsight, 5 redpoint; goal 8, 1 missing". */
export function describeBin(bin: PyramidBin, row?: GoalRow): string {
  const goal = row ? `; goal ${row.target}, ${row.gap === 0 ? 'reached' : `${row.gap} missing`}` : '';
  if (bin.count === 0) return `${bin.grade}: no route${goal}`;
  const parts = kindsIn(bin.styles).map(({ style, noun }) => `${bin.styles[style]} ${noun}`);
  return `${bin.grade}: ${[plural(bin.count, 'route'), ...parts].join(', ')}${goal}`;
}

/** What is still missing to a goal: "1 route at 5.11a and 2 routes at 5.10d". */
export function stepsText({ next_steps }: Goal): string {
  return steps.format(next_steps.map(({ grade, routes }) => `${plural(routes, 'route')} at ${grade}`));
}

const steps = new Intl.ListFormat('en', { type: 'conjunction' });

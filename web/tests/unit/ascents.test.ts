import { describe, expect, it } from 'vitest';
import { ascentKinds, kindOfResult, kindsIn, totalStyles } from '../../src/lib/charts/ascents';
import { examplePyramid } from '../../src/lib/example';

describe('kinds of ascent', () => {
  it('each has a pattern of its own, so that colour is not the only difference', () => {
    expect(new Set(ascentKinds.map((kind) => kind.pattern)).size).toBe(ascentKinds.length);
  });

  it('names those that occur, purest first', () => {
    expect(kindsIn({ redpoint: 2, flash: 0, onsight: 1 }).map((kind) => kind.style)).toEqual(['onsight', 'redpoint']);
  });

  it('adds up bars', () => {
    expect(totalStyles([{ onsight: 1 }, { onsight: 2, send: 1 }, {}])).toEqual({ onsight: 3, send: 1 });
  });

  it.each([
    ['onsight', 'onsight'],
    ['lead', 'undetermined'],
    ['unknown', 'undetermined'],
    ['attempt', undefined],
    ['toprope', undefined],
  ] as const)('a tick with result %s is drawn as %s', (result, style) => {
    expect(kindOfResult(result)?.style).toBe(style);
  });
});

describe('the example on the landing page', () => {
  it('holds what its figures say', () => {
    const routes = examplePyramid.bins.flatMap((bin) => bin.routes);
    expect(routes).toHaveLength(examplePyramid.routes);
    expect(new Set(routes.map((route) => route.tick_id)).size).toBe(routes.length);
    expect(routes.every((route) => route.route_name && route.location && /^\d{4}-\d\d-\d\d$/.test(route.date))).toBe(true);
  });

  it('counts every route under its style', () => {
    for (const bin of examplePyramid.bins) {
      expect(Object.values(bin.styles).reduce((sum, value) => sum + value, 0)).toBe(bin.count);
    }
  });
});

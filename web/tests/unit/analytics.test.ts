import { describe, expect, it } from 'vitest';
import type { AttemptGrade, Breakthrough, GradeStyles, LengthClass, LocationNode, Progression, ProgressionPeriod, TierPeriod, Volume, VolumePeriod } from '../../src/lib/analytics/answers';
import { describeAttempts, spreadText } from '../../src/lib/analytics/attempts';
import { inTime, stepsOf, waitText } from '../../src/lib/analytics/breakthroughs';
import { chartIn, choiceIn } from '../../src/lib/analytics/charts';
import { describeLength, lengthText } from '../../src/lib/analytics/lengths';
import { periodName } from '../../src/lib/analytics/period';
import { placesOf } from '../../src/lib/analytics/places';
import { describePeriod, seriesOf, summaryOf, valuesOf } from '../../src/lib/analytics/progression';
import { describeGrade, segmentsOf } from '../../src/lib/analytics/styles';
import { describeTiers, partsOf } from '../../src/lib/analytics/tiers';
import { amountIn, changeSince, estimatedIn, milestonesAround, said, totalsOf } from '../../src/lib/analytics/volume';

const answer = { rule: '', units: {}, left_out: {} };

describe('the chart of an address', () => {
  it.each([
    ['chart=volume', 'volume'],
    ['', 'progression'],
    ['chart=constructor', 'progression'],
  ])('%j is %s', (query, name) => {
    expect(chartIn(new URLSearchParams(query))).toBe(name);
  });

  it('takes only the choices that there are', () => {
    expect(choiceIn(new URLSearchParams('by=week'), 'by', ['month', 'week'])).toBe('week');
    expect(choiceIn(new URLSearchParams('by=hour'), 'by', ['month', 'week'])).toBe('month');
  });
});

it.each([
  ['2024-05', 'May 2024'],
  ['2024-W05', 'Week 5 of 2024'],
  ['2024', '2024'],
  ['Winter, 2023-2024', 'Winter, 2023-2024'],
])('the period %s is called %s', (period, name) => {
  expect(periodName(period)).toBe(name);
});

describe('progression', () => {
  const at = (score: number, grade: string) => ({ score, grade });
  const period: ProgressionPeriod = {
    period: 'Fall, 2025', from: '2025-09-01', to: '2025-11-30', sends: 12, routes: 11, max: at(75, '5.12a'), top_mean: at(71, '5.11c'), median: at(67, '5.11a'),
    lower_quartile: at(64, '5.10c'), upper_quartile: at(70, '5.11b'), min: at(57, '5.10a'), onsight: null, redpoint: at(75, '5.12a'),
    running: { max: at(78, '5.12c'), onsight: at(71, '5.11c'), redpoint: at(78, '5.12c'), gap: 4 },
  };
  const progression: Progression = { ...answer, discipline: 'sport', scale: 'yds', top_k: 5, grades: [], seasons: [period], months: [] };

  it('says of a period how hard it was', () => {
    expect(describePeriod(period, 'overall', 5)).toBe(
      'Fall, 2025: 12 sends, hardest 5.12a, mean of the 5 hardest 5.11c, median 5.11a, half of the sends 5.10c to 5.11b, hardest so far 5.12c',
    );
    expect(describePeriod(period, 'styles', 5)).toBe('Fall, 2025: 12 sends, hardest redpoint 5.12a, hardest onsight –, so far 5.12c and 5.11c');
  });

  it('leaves a gap where there is no onsight', () => {
    const onsight = seriesOf('styles', 5).find(({ key }) => key === 'onsight');
    expect(onsight?.value(period)).toBeNull();
    expect(valuesOf([period], 'styles')).toEqual([at(75, '5.12a'), at(71, '5.11c'), at(78, '5.12c')]);
  });

  it('sums up with the gap between redpoint and onsight', () => {
    expect(summaryOf(progression)).toBe('Hardest send 5.12c; onsight 5.11c, redpoint 5.12c, 4 grades apart.');
    expect(summaryOf({ ...progression, seasons: [] })).toBe('No graded send under these filters.');
  });

  it('does not speak of a gap where the onsight is the harder one', () => {
    const ahead = { ...period, running: { ...period.running, gap: -1 } };
    expect(summaryOf({ ...progression, seasons: [ahead] })).not.toContain('apart');
  });
});

describe('volume', () => {
  const amount = { ticks: 10, pitches: 14, routes: 8, vertical_feet: 1000, vertical_metres: 305, estimated_feet: 250, estimated_share: 0.25 };
  const volume: Volume = { ...answer, totals: amount, years: [], seasons: [], months: [], weeks: [], cumulative: [], milestones: [], capacity: [], base: [], estimates: [] };
  const period: VolumePeriod = { period: '2025', from: '2025-01-01', to: '2025-12-31', ...amount };

  it('is in the unit that was asked for', () => {
    expect([amountIn(period, 'vertical', 'ft'), amountIn(period, 'vertical', 'm'), amountIn(period, 'routes', 'm')]).toEqual([1000, 305, 8]);
    expect(said(1, 'pitches', 'ft')).toBe('1 pitch');
    expect(said(1234.6, 'vertical', 'm')).toBe('1,235 m');
  });

  it('shows the estimated part of heights alone', () => {
    expect(estimatedIn(period, 'vertical', 'ft')).toBe(250);
    expect(estimatedIn(period, 'pitches', 'ft')).toBe(0);
    expect(totalsOf(volume, 'ft')).toBe('14 pitches on 8 routes, 1,000 ft of climbing, 25% of it estimated.');
  });

  it.each([
    [7, ' In the period before: 7 pitches (+100% since).'],
    [28, ' In the period before: 28 pitches (\u221250% since).'],
    [0, ' Nothing was logged in the period before.'],
  ])('tells the change from %d pitches', (pitches, sentence) => {
    expect(changeSince(volume, { ...volume, totals: { ...amount, pitches } })).toBe(sentence);
  });

  it('shows the milestones around the sum', () => {
    const stones = ['a', 'b', 'c', 'd'].map((name, index) => ({ name, feet: index, metres: index, reached: index < 3, reached_on: index === 0 ? '2025-01-01' : null }));
    expect(milestonesAround(stones).map(({ name }) => name)).toEqual(['b', 'c', 'd']);
    expect(milestonesAround(stones.slice(0, 3)).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(milestonesAround(stones.slice(3)).map(({ name }) => name)).toEqual(['d']);
  });
});

describe('styles', () => {
  const row: GradeStyles = { grade: '5.11a', low: 67, high: 68, sends: 8, styles: { redpoint: 5, onsight: 3, flash: 0 }, first_go_rate: 0.375 };

  it('stand side by side, the best first, without holes', () => {
    expect(segmentsOf(row, (sends) => 10 * sends)).toEqual([{ style: 'onsight', x: 0, width: 30 }, { style: 'redpoint', x: 30, width: 50 }]);
  });

  it('are told in a sentence', () => {
    expect(describeGrade(row)).toBe('5.11a: 8 sends, 3 onsight, 5 redpoint; 38% at the first go');
    expect(describeGrade({ ...row, sends: 0, styles: {}, first_go_rate: null })).toBe('5.11a: no send');
  });
});

describe('tries', () => {
  const tries = { min: 1, median: 2, average: 2.44, max: 9 };
  const row: AttemptGrade = { grade: 'V5', low: 68, high: 70, count: 3, first_try: 1, tries, days: { min: 1, median: 1, average: 1, max: 1 }, routes: [] };

  it('are told with their spread, one number where all are equal', () => {
    expect(describeAttempts(row)).toBe('V5: 3 routes, 1 at the first try; tries 1 to 9, 2.4 on average; days 1');
    expect(describeAttempts({ ...row, count: 0 })).toBe('V5: no route');
    expect(spreadText({ min: null, median: null, average: null, max: null })).toBe('–');
  });
});

describe('breakthroughs', () => {
  const first = (grade: string, low: number, date: string): Breakthrough => ({
    grade, low, high: low, date, date_precision: 'day', route_name: '', location: '', result: 'redpoint', tick_id: grade, record: true, days_waited: null, styles: [],
  });
  const data = { ...answer, discipline: 'sport' as const, scale: 'yds' as const, grades: [first('5.11', 3, '2025-05-01'), first('5.10', 2, '2025-05-01'), first('5.9', 1, '2025-06-01')] };

  it('happen in the order of their days, the easier first on one day', () => {
    expect(inTime(data).map(({ grade }) => grade)).toEqual(['5.10', '5.11', '5.9']);
    expect(stepsOf(data).map(({ grade }) => grade)).toEqual(['5.9', '5.10', '5.11']);
  });

  it.each([
    [null, ''],
    [0, 'on the same day'],
    [1, '1 day after'],
    [59, '59 days after'],
    [60, '2 months after'],
    [365, '12 months after'],
    [731, '2 years after'],
    [770, '2 years 1 month after'],
  ])('tell %s days as %j', (days, text) => {
    expect(waitText(days)).toBe(text);
  });
});

describe('tiers', () => {
  const tier = (name: TierPeriod['tiers'][number]['tier'], pitches: number) => ({ tier: name, ticks: 0, pitches, sends: 0, attempts: 0, send_rate: null });
  const period: TierPeriod = {
    period: 'Spring, 2025', from: '', to: '', hardest: '7a',
    tiers: [tier('project', 2), tier('one_below', 0), tier('two_below', 3), tier('three_below', 0), tier('base', 5)],
  };

  it('are stacked with the easiest at the bottom', () => {
    expect(partsOf(period).map((part) => [part.tier.tier, part.from, part.to])).toEqual([
      ['base', 0, 5], ['three_below', 5, 5], ['two_below', 5, 8], ['one_below', 8, 8], ['project', 8, 10],
    ]);
  });

  it('are told without the empty ones', () => {
    expect(describeTiers(period)).toBe('Spring, 2025, limit 7a: 10 pitches; at the limit or above 2, two grades below 3, easier 5');
  });
});

describe('lengths', () => {
  const length: LengthClass = {
    class: 'medium', from_feet: 60, below_feet: 85, from_metres: 18.29, below_metres: 25.9, ticks: 5, pitches: 6, routes: 4, sends: 3, attempts: 1,
    send_rate: 0.75, max: { score: 75, grade: '5.12a' }, grades: [], months: [],
  };

  it('are in the unit that was asked for', () => {
    expect(lengthText(length, 'ft')).toBe('60 to 85 ft');
    expect(lengthText(length, 'm')).toBe('18 to 26 m');
    expect(lengthText({ ...length, from_feet: 0 }, 'ft')).toBe('under 85 ft');
    expect(lengthText({ ...length, below_feet: null, from_feet: 130 }, 'ft')).toBe('130 ft or more, or several pitches');
  });

  it('are told in a sentence', () => {
    expect(describeLength(length, 'ft')).toBe('Medium, 60 to 85 ft: 6 pitches on 4 routes, 3 sends, send rate 75%, hardest 5.12a');
  });
});

describe('the places of the filter', () => {
  const node = (path: string, children: LocationNode[] = [], others = 0): LocationNode => ({
    name: path, path, others, ticks: 1, pitches: 1, sends: 0, days: 1, share: 1, direct_ticks: 0, direct_pitches: 0, children,
  });

  it('are two levels deep, without the row of the others', () => {
    const tree = [node('A', [node('A > B', [node('A > B > C')]), node('A', [], 3)]), node('D')];
    expect(placesOf(tree)).toEqual(['A', 'A > B', 'D']);
  });
});

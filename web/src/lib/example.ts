import type { Ascent, AscentStyle, PyramidBin, PyramidData } from './pb/types';

/**
 * The logbook behind the landing page's chart. Climber, routes and crags are invented. Grades are hardest
 * first; a route is written "style name @ crag, day", its style by the first letters.
 */
const logbook: Record<string, string> = {
  '5.12c': 'r Slow Cartography @ Lantern Quarry, 2026-09-20',
  '5.12b': 'r The Understudy @ Harrow Wall, 2026-05-31; r Paper Weather @ Lantern Quarry, 2025-10-04',
  '5.12a': 'r Ninth Bolt @ Harrow Wall, 2026-04-12; p Borrowed Rope @ Saltpan Gully, 2025-09-14; f Tidy Exit @ Lantern Quarry, 2026-06-07',
  '5.11d': 'r Loose Change @ Lantern Quarry, 2025-06-21; r Moth Season @ Harrow Wall, 2025-07-05; r Quiet Hours @ Saltpan Gully, 2026-03-29; f Second Kettle @ Lantern Quarry, 2026-08-15; o Long Division @ Ember Slab, 2026-09-06',
  '5.11c': 'r Hinge @ Harrow Wall, 2024-10-12; f Short Notice @ Lantern Quarry, 2025-05-18; f Plain Speaking @ Ember Slab, 2026-07-11; o Left of the Owl @ Saltpan Gully, 2026-05-02',
  '5.11b': 'r Ration Book @ Harrow Wall, 2024-06-08; r Copper Hour @ Lantern Quarry, 2024-08-25; p Night Shift @ Saltpan Gully, 2024-09-07; f Ferry Timetable @ Ember Slab, 2025-04-26; f Dry Stone @ Harrow Wall, 2025-08-03; o Postcard @ Lantern Quarry, 2026-04-19; o Sundial @ Saltpan Gully, 2026-06-28',
  '5.11a': 'r Gravel Choir @ Harrow Wall, 2023-09-30; r Blue Bucket @ Lantern Quarry, 2024-04-14; r Half Past @ Ember Slab, 2024-05-19; f Tin Whistle @ Saltpan Gully, 2024-07-06; f Old Money @ Harrow Wall, 2025-03-22; o Field Notes @ Lantern Quarry, 2025-05-10; o Sandwich Ledge @ Ember Slab, 2025-09-28; o Cloud Tax @ Saltpan Gully, 2026-05-16',
  '5.10d': 'r First Frost @ Harrow Wall, 2023-05-20; r Chalk Circle @ Ember Slab, 2023-07-08; f Two Left Shoes @ Lantern Quarry, 2023-08-19; f Kite String @ Saltpan Gully, 2024-03-31; o Marmalade @ Harrow Wall, 2024-06-15; o Bell Tower @ Lantern Quarry, 2024-08-10; o Wren @ Ember Slab, 2025-04-05; o Overdue @ Saltpan Gully, 2025-06-14; o Plum Line @ Harrow Wall, 2026-04-05; o Early Bus @ Lantern Quarry, 2026-08-02',
};

const results: Record<string, Exclude<AscentStyle, 'undetermined'>> = { o: 'onsight', f: 'flash', r: 'redpoint', p: 'pinkpoint' };

function ascentOf(text: string, grade: string): Ascent {
  const [, letter = '', name = '', crag = '', date = ''] = /^(\w) (.+) @ (.+), (.+)$/.exec(text) ?? [];
  return { tick_id: name, route_name: name, location: `Cold Fork > ${crag}`, date, date_precision: 'day', grade, result: results[letter] ?? 'send' };
}

function binOf([grade, line]: [string, string]): PyramidBin {
  const routes = line.split('; ').map((text) => ascentOf(text, grade));
  const styles: PyramidBin['styles'] = {};
  for (const { result } of routes) styles[result as AscentStyle] = (styles[result as AscentStyle] ?? 0) + 1;
  return { grade, low: 0, high: 0, count: routes.length, styles, routes };
}

const bins = Object.entries(logbook).map(binOf);

export const examplePyramid: PyramidData = {
  rule: 'Each route counts once, by its best ascent. Only leads that ended in a send count.',
  discipline: 'sport',
  scale: 'yds',
  routes: bins.reduce((sum, bin) => sum + bin.count, 0),
  bins,
  left_out: { attempts: 57, undetermined: 12, other_styles: 31 },
};

import { describe, expect, it } from 'vitest';
import { leftOutSentence } from '../../src/lib/left-out';

describe('what a chart leaves out', () => {
  it.each([
    ['nothing', {}, 'No tick is left out.'],
    ['zeros', { attempts: 0, no_grade: 0 }, 'No tick is left out.'],
    ['one reason', { undetermined: 1 }, 'Not counted here: 1 tick without a result.'],
    [
      'every reason',
      { attempts: 2, undetermined: 3, other_styles: 1, no_grade: 4 },
      'Not counted here: 2 attempts that did not end in a send, 3 ticks without a result, 1 tick on top rope, following or solo, and 4 ticks without a usable grade.',
    ],
  ])('%s', (_, leftOut, sentence) => {
    expect(leftOutSentence(leftOut)).toBe(sentence);
  });

  it('tells what is missing in a part of the chart from what is missing in all of it', () => {
    expect(leftOutSentence({ no_month: 1, attempts: 2, no_day: 3 }, { no_month: 'the months', no_day: 'the days' })).toBe(
      'Not counted here: 2 attempts that did not end in a send. Not in the months: 1 tick of which only the year is known. Not in the days: 3 ticks of which only the month or the year is known.',
    );
  });
});

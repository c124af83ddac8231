import type { PasswordVerdict } from './pb/types';

/** How a verdict is shown: a word, the bars of four that are filled, and their tone. */
export interface Strength {
  word: string;
  bars: number;
  tone: 'bad' | 'fair' | 'good';
}

/** Only an accepted password may look good, whatever its score. */
export function strengthOf({ score, accepted }: PasswordVerdict): Strength {
  if (accepted) return score >= 4 ? { word: 'Very strong', bars: 4, tone: 'good' } : { word: 'Strong', bars: 3, tone: 'good' };
  if (score <= 1) return { word: score <= 0 ? 'Very easy to guess' : 'Easy to guess', bars: 1, tone: 'bad' };
  return { word: score === 2 ? 'Not strong enough yet' : 'Not accepted', bars: 2, tone: 'fair' };
}

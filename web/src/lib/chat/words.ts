import { count, plural } from '../format';
import type { ChatMessage } from '../pb/types';

export const refundRule = 'A message counts from when you send it. It comes back after 24 hours, or at once when the coach fails before its first word.';

export const disclaimer = 'The coach can be wrong, and it is no doctor: with pain or an injury, see one.';

export const offlineLabel = 'Computed from your logbook, without a language model';

/** What one might ask, for a chat that has not begun. */
export const exampleQuestions = ['Where are the gaps in my pyramid?', 'How did this year go, compared with the last?', 'Which grade should I try next?', 'Which of my projects is closest?'];

const failures: Record<string, string> = {
  model_unavailable: 'The coach could not be reached.',
  model_busy: 'The coach had too much to do.',
  model_timeout: 'The coach did not answer in time.',
  model_cut: 'The answer broke off.',
  model_failed: 'The coach gave no usable answer.',
  interrupted: 'The server was restarted in the middle of the answer.',
  connection_lost: 'The connection broke off.',
};

/** What became of an answer that is not whole, in a sentence or two; empty for one that is. */
export function outcomeWords({ state, error, content, finish_reason }: Pick<ChatMessage, 'state' | 'error' | 'content' | 'finish_reason'>): string {
  if (state === 'stopped') return content ? 'Stopped. This is what had come of it.' : 'Stopped before the first word.';
  if (state === 'failed') {
    const why = Object.hasOwn(failures, error) ? failures[error] : 'Something went wrong with this answer.';
    return isGivenBack(content, error) ? `${why} Your message is not counted.` : why!;
  }
  if (state !== 'done') return '';
  if (finish_reason === 'length') return 'The answer ends here because it got too long. Ask the coach to go on.';
  return finish_reason === 'content_filter' ? 'The model kept back the rest of this answer.' : '';
}

/** Whether the server gives the place back that a failed answer took. With a lost connection it takes the answer for stopped. */
function isGivenBack(content: string, error: string): boolean {
  return error === 'interrupted' || (content === '' && error !== 'connection_lost');
}

/** "looked at your pyramid" -> "Looked at your pyramid". */
export function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Characters as the server counts them: letters outside the basic plane are one. */
export function lengthOf(text: string): number {
  return [...text.trim()].length;
}

/** Says how long a text is once that may matter: in the last tenth. */
export function lengthWords(length: number, limit: number): string {
  if (length <= limit * 0.9) return '';
  return length > limit ? `${plural(length - limit, 'character')} too many` : `${count(length)} of ${count(limit)} characters`;
}

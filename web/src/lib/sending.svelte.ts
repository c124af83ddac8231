import { problemOf, type Problem } from './pb/errors';

type Mistakes = Record<string, string>;

/** The state of a form that is sent: whether it is on its way, and what is wrong with which field. */
export class Sending {
  busy = $state(false);
  errors = $state.raw<Mistakes>({});
  #problem = $state.raw<Problem | null>(null);
  readonly #fields: readonly string[];

  /** The fields that show their own message, by the names the server gives them. */
  constructor(...fields: string[]) {
    this.#fields = fields;
  }

  /** A message that belongs to no field of the form still has to be seen. */
  get problem(): Problem | null {
    return this.#problem && !this.#fields.some((name) => name in this.errors) ? this.#problem : null;
  }

  /** Forgets what was wrong. */
  clear(): void {
    this.errors = {};
    this.#problem = null;
  }

  /** Sends unless there are mistakes already, and tells whether it went well. A second time has to wait for the first. */
  async send(mistakes: Mistakes, request: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.errors = mistakes;
    this.#problem = null;
    if (Object.keys(mistakes).length > 0) return false;
    this.busy = true;
    try {
      await request();
      return true;
    } catch (error) {
      this.#problem = problemOf(error);
      this.errors = this.#problem.fields;
      return false;
    } finally {
      this.busy = false;
    }
  }
}

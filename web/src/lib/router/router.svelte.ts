import { isInternal, routeOf, type RouteName } from './match';

/** The page's address as reactive state, over the History API. */
class Router {
  #url = $state.raw(new URL(location.href));

  constructor() {
    addEventListener('popstate', () => (this.#url = new URL(location.href)));
    document.addEventListener('click', (event) => this.#follow(event));
  }

  get route(): RouteName {
    return routeOf(this.#url.pathname);
  }

  /** Path and query of the present page. */
  get here(): string {
    return this.#url.pathname + this.#url.search;
  }

  get query(): URLSearchParams {
    return this.#url.searchParams;
  }

  go(to: string, { replace = false } = {}): void {
    const url = new URL(to, location.href);
    history[replace ? 'replaceState' : 'pushState'](null, '', url);
    this.#url = url;
    if (!replace) scrollTo(0, 0);
  }

  /** Rewrites the query of the present page without a new entry in the history. */
  setQuery(query: URLSearchParams): void {
    const text = query.toString();
    this.go(this.#url.pathname + (text && `?${text}`), { replace: true });
  }

  /** Takes over plain clicks on links to our own pages, so that links stay ordinary <a href>. */
  #follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest('a');
    if (!link?.href || link.target || link.hasAttribute('download') || link.relList.contains('external')) return;
    const url = new URL(link.href);
    // A link into the same page is the browser's own business.
    if (!isInternal(url, location.origin) || (url.hash && url.pathname === location.pathname)) return;
    event.preventDefault();
    this.go(url.href);
  }
}

export const router = new Router();

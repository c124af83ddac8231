/**
 * Answers are Markdown that nobody vouches for: a model wrote them after reading route names, notes and files. They become
 * text with structure and nothing else: no HTML of their own, no images, and no links but those to our own pages, because
 * fetching an address is a way to carry data away. Two walls: the renderer never writes anything else, and DOMPurify
 * lets nothing else through.
 */
import DOMPurify from 'dompurify';
import { Marked, type Tokens } from 'marked';
import { needsSession, routeOf } from '../router/match';

const tags = ['p', 'br', 'hr', 'h3', 'strong', 'em', 'del', 'code', 'pre', 'blockquote', 'ul', 'ol', 'li', 'a', 'div', 'table', 'thead', 'tbody', 'tr', 'th', 'td'];
const attributes = ['href', 'start', 'class', 'tabindex', 'role', 'aria-label'];

/** A table may be wider than a phone, and scrolls by itself. */
const tableStart = '<div class="wide" role="region" aria-label="Table" tabindex="0"><table>';

const marked = new Marked({ gfm: true, async: false });

marked.use({
  renderer: {
    html: ({ text }) => escape(text),
    image: ({ text }) => escape(text),
    checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
    code: ({ text }) => `<pre><code>${escape(text)}\n</code></pre>`,
    heading(this, { tokens }: Tokens.Heading) {
      // One level for all: an answer stands below a heading of the page.
      return `<h3>${this.parser.parseInline(tokens)}</h3>\n`;
    },
    link(this, { href, tokens }: Tokens.Link) {
      const text = this.parser.parseInline(tokens);
      return isOwnPage(href) ? `<a href="${href}">${text}</a>` : text;
    },
  },
  hooks: { postprocess: (html) => html.replaceAll('<table>', tableStart).replaceAll('</table>', '</table></div>') },
});

/** Nobody writes so many lists and quotes into each other, and reading them takes long. */
const tooDeep = /^(?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t]))){16}/m;

/** Renders an answer as HTML that may be put into the page. What cannot be read as Markdown stands as it is. */
export function render(markdown: string): string {
  try {
    return tooDeep.test(markdown) ? asItIs(markdown) : purified(markdown);
  } catch {
    return asItIs(markdown);
  }
}

function asItIs(text: string): string {
  return `<pre><code>${escape(text)}</code></pre>`;
}

function purified(markdown: string): string {
  return DOMPurify.sanitize(unpurified(markdown), {
    ALLOWED_TAGS: tags,
    ALLOWED_ATTR: attributes,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    ALLOWED_URI_REGEXP: ownPath,
    // Every attribute is held to that, but for those that can hold no address.
    ADD_URI_SAFE_ATTR: ['start', 'tabindex'],
  });
}

/** The first wall by itself, so that a test can look at it. */
export function unpurified(markdown: string): string {
  return marked.parse(markdown) as string;
}

/** An answer without its marks, to be read aloud. */
export function plainText(markdown: string): string {
  return new DOMParser().parseFromString(render(markdown), 'text/html').body.textContent.replace(/\s+/g, ' ').trim();
}

const ownPath = /^\/[a-z-]+$/;

/** Only the path of a page: a query could carry something along, and would show it in a log. */
function isOwnPage(href: string): boolean {
  return ownPath.test(href) && needsSession(routeOf(href));
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}

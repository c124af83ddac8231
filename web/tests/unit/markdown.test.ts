// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { plainText, render } from '../../src/lib/chat/markdown';

/** What a page would hold. */
function body(markdown: string): HTMLElement {
  return new DOMParser().parseFromString(render(markdown), 'text/html').body;
}

describe('an answer in Markdown', () => {
  it.each([
    ['## Your *base*', '<h3>Your <em>base</em></h3>\n'],
    ['- a\n- **b**', '<ul>\n<li>a</li>\n<li><strong>b</strong></li>\n</ul>\n'],
    ['3. a\n4. b', '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>\n'],
    ['`a<b`', '<p><code>a&lt;b</code></p>\n'],
    ['```js\na < b\n```', '<pre><code>a &lt; b\n</code></pre>'],
    ['~~no~~', '<p><del>no</del></p>\n'],
    ['- [x] done\n- [ ] open', '<ul>\n<li>☑ done</li>\n<li>☐ open</li>\n</ul>\n'],
    ['[Import it](/logbook)', '<p><a href="/logbook">Import it</a></p>\n'],
    ['[a & b](/billing)', '<p><a href="/billing">a &amp; b</a></p>\n'],
  ])('%j', (markdown, html) => {
    expect(render(markdown)).toBe(html);
  });

  it('has tables that scroll by themselves', () => {
    const region = body('| Grade | Sends |\n|---|--:|\n| 7a | 3 |').querySelector('.wide');
    expect([region?.getAttribute('role'), region?.getAttribute('tabindex'), region?.querySelectorAll('td').length]).toEqual(['region', '0', 2]);
  });
});

const hostile: [string, string][] = [
  ['a link to a script', '[click](javascript:alert(1))'],
  ['with signs between', '[click](java&#x09;script:alert(1)) [click](\u0001javascript:alert(1)) [click](JaVaScRiPt:alert(1))'],
  ['a link to data', '[click](data:text/html;base64,PHNjcmlwdD4=)'],
  ['a link elsewhere', '[click](https://evil.test/?q=secret)'],
  ['without a scheme', '[click](//evil.test/x) [click](/\\evil.test) [click](\\\\evil.test)'],
  ['an address as it is', 'https://evil.test/?q=secret www.evil.test <https://evil.test> <me@evil.test>'],
  ['our own page with a query', '[click](/logbook?q=secret) [click](/logbook#secret) [click](/v1/users/me) [click](/_/) [click](/nowhere)'],
  ['a reference', '[click][1]\n\n[1]: https://evil.test "title"'],
  ['a reference to a script', '[click][1]\n\n[1]: javascript:alert(1)'],
  ['an image', '![secret](https://evil.test/x.png)'],
  ['an image of data', '![secret](data:image/svg+xml;base64,PHN2Zz4=)'],
  ['an image by reference', '![secret][i]\n\n[i]: https://evil.test/x.png'],
  ['an image within a link', '[![secret](https://evil.test/x.png)](https://evil.test)'],
  ['an image in a table', '| a |\n|---|\n| ![secret](https://evil.test/x.png) |'],
  ['HTML in a line', 'a <img src=x onerror=alert(1)> b'],
  ['HTML as a block', '<div onclick="alert(1)" style="position:fixed">\n\n<script>alert(1)</script>\n\n</div>'],
  ['HTML that breaks off', '<img src=x onerror=alert(1)'],
  ['within emphasis and lists', '- **<svg onload=alert(1)>**\n  > <iframe src="//evil.test"></iframe>'],
  ['in code', '`<img src=x onerror=alert(1)>`\n\n```"><img src=x onerror=alert(1)>\n<script>alert(1)</script>\n```'],
  ['in the text of an image', '![<img src=x onerror=alert(1)>](x)'],
  ['in the text of a link', '[<img src=x onerror=alert(1)>](/logbook) [a](/logbook "<b onmouseover=alert(1)>")'],
  ['out of an attribute', '[a](/logbook"onmouseover="alert(1)) ["onmouseover="alert(1)](x)'],
  ['styles, forms and frames', '<style>*{background:url(//evil.test)}</style><form action=//evil.test><input name=q></form><base href=//evil.test><meta http-equiv=refresh content="0;url=//evil.test">'],
  ['names that clobber', '<a id=location name=body></a><form name=parentNode><input id=attributes></form>'],
  ['markup of other kinds', '<math><mtext><table><mglyph><style><!--</style><img title="--><img src=1 onerror=alert(1)>">'],
  ['entities', '&lt;img src=x onerror=alert(1)&gt; &#60;script&#62;alert(1)&#60;/script&#62;'],
  ['a table within HTML', '<table><tr><td>a</td></tr></table>'],
  ['much nesting', '> '.repeat(40) + '[a](javascript:alert(1))'],
];

const harmless = new Set('P BR HR H3 STRONG EM DEL CODE PRE BLOCKQUOTE UL OL LI A DIV TABLE THEAD TBODY TR TH TD'.split(' '));

describe('hostile Markdown', () => {
  it.each(hostile)('%s is text', (_, markdown) => {
    for (const element of body(markdown).querySelectorAll('*')) {
      expect(harmless).toContain(element.tagName);
      for (const { name, value } of element.attributes) {
        if (element.tagName === 'A') expect([name, value]).toEqual(['href', '/logbook']);
        else if (element.tagName === 'DIV') expect(['class', 'role', 'aria-label', 'tabindex']).toContain(name);
        else expect(name).toBe('start');
      }
    }
  });

  it.each(hostile)('%s is safe before the second wall has seen it', async (_, markdown) => {
    const { unpurified } = await import('../../src/lib/chat/markdown');
    const page = new DOMParser().parseFromString(unpurified(markdown), 'text/html').body;
    expect([...page.querySelectorAll('*')].filter(({ tagName }) => !harmless.has(tagName))).toEqual([]);
    expect([...page.querySelectorAll('a')].map((a) => a.getAttribute('href')).filter((href) => href !== '/logbook')).toEqual([]);
  });

  it.each(['> ', '- ', '1. ', '>', '> * '])('of nothing but %j stands as it is', (mark) => {
    const markdown = `${mark.repeat(8_000)}<b>`;
    expect(body(markdown).textContent).toBe(markdown);
  });

  it('keeps what it says as text', () => {
    expect(body('a <b>c</b> ![view](x) [site](https://evil.test)').textContent.trim()).toBe('a <b>c</b> view site');
  });
});

describe('an answer that is read aloud', () => {
  it('has no marks', () => {
    expect(plainText('### Pyramid\n\nYou have **three** at 7a:\n\n- one\n- [two](/logbook)')).toBe('Pyramid You have three at 7a: one two');
  });
});

import type { Download } from './pb/export';

/** Hands a file to the browser's downloads. */
export function saveFile({ content, name }: Download): void {
  const url = URL.createObjectURL(content);
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  // The browser has taken hold of the content by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Whether text is the address of a web page, and not of a script. */
export function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** Leaves the app for a page elsewhere, such as Stripe's. */
export function leaveFor(url: string): void {
  if (!isWebAddress(url)) throw new Error('this is no web address');
  location.assign(url);
}

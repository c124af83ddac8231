/**
 * Currencies that Stripe counts in another unit than a hundredth. This is Stripe's list and not the browser's: they differ
 * for currencies whose small coins nobody uses.
 */
const digits: Record<string, number> = {
  ...Object.fromEntries(['bif', 'clp', 'djf', 'gnf', 'jpy', 'kmf', 'krw', 'mga', 'pyg', 'rwf', 'vnd', 'vuv', 'xaf', 'xof', 'xpf'].map((code) => [code, 0])),
  ...Object.fromEntries(['bhd', 'jod', 'kwd', 'omr', 'tnd'].map((code) => [code, 3])),
};

/** 999 usd -> "$9.99". Amounts are in the smallest unit. */
export function money(amount: number, currency: string): string {
  return formatted(amount, currency, 'auto');
}

/** The same for a price on a label, where round amounts read better: 3000 usd -> "$30". */
export function price(amount: number, currency: string): string {
  return formatted(amount, currency, 'stripIfInteger');
}

function formatted(amount: number, currency: string, trailingZeroDisplay: 'auto' | 'stripIfInteger'): string {
  const places = digits[currency.toLowerCase()] ?? 2;
  const options = { style: 'currency', currency, minimumFractionDigits: places, maximumFractionDigits: places, trailingZeroDisplay } as const;
  return new Intl.NumberFormat('en', options).format(amount / 10 ** places).replace('-', '−');
}

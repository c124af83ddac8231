import { Loader } from '../loader.svelte';
import { readInvoices } from '../pb/billing';
import type { InvoicePage } from '../pb/types';

/** The invoices read so far. They are shown as one list that grows. */
export class Invoices {
  readonly pages = new Loader<InvoicePage>();

  /** Reads the newest ones. */
  load(): void {
    void this.pages.load((signal) => readInvoices(null, signal));
  }

  /** Reads on behind the last one. */
  more(): void {
    const known = this.pages.data;
    if (!known?.next) return;
    void this.pages.load(async (signal) => {
      const page = await readInvoices(known.next, signal);
      return { ...page, items: [...known.items, ...page.items] };
    });
  }
}

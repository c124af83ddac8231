import { tick } from 'svelte';

/** Moves the focus to the first field that is marked as wrong, once the marks are on the page. */
export async function focusFirstInvalid(form: HTMLElement | undefined): Promise<void> {
  await tick();
  form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}

import { onMount } from 'svelte';
import { router } from './router.svelte';

/**
 * Reads the token of a link from a mail and takes it out of the address before anything is sent, so that neither the
 * history nor a Referer keeps it. For the set-up of a page; empty without a token.
 */
export function takeToken(): string {
  const token = router.query.get('token') ?? '';
  onMount(() => router.setQuery(new URLSearchParams()));
  return token;
}

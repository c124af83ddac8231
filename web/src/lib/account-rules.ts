import type { NewAccount } from './pb/account';

const usernameRule = /^[A-Za-z0-9_.-]{3,50}$/;
const shortestPassword = 10;

/** Checks that need no server, so that a slip shows before anything is sent. The server checks again. */
export function accountMistakes({ username, email, password }: NewAccount): Record<string, string> {
  const mistakes: Record<string, string> = {};
  if (!usernameRule.test(username)) mistakes['username'] = 'Use 3 to 50 letters, digits, “_”, “.” or “-”.';
  if (!/^\S+@\S+\.\S+$/.test(email)) mistakes['email'] = 'Enter an address like name@example.com.';
  if ([...password].length < shortestPassword) mistakes['password'] = `Use at least ${shortestPassword} characters.`;
  return mistakes;
}

import type { NewAccount } from './pb/account';

const usernameRule = /^[A-Za-z0-9_.-]{3,50}$/;
const shortestPassword = 10;
const shortMistake = `Use at least ${shortestPassword} characters.`;

export const usernameMistake = 'Use 3 to 50 letters, digits, “_”, “.” or “-”.';
export const addressMistake = 'Enter an address like name@example.com.';

/** Checks that need no server, so that a slip shows before anything is sent. The server checks again. */
export function accountMistakes({ username, email, password }: NewAccount): Record<string, string> {
  const mistakes: Record<string, string> = {};
  if (!isUsername(username)) mistakes['username'] = usernameMistake;
  if (!isAddress(email)) mistakes['email'] = addressMistake;
  if (isShort(password)) mistakes['password'] = shortMistake;
  return mistakes;
}

/** The same for a new password that is entered twice. */
export function newPasswordMistakes(password: string, repeated: string): Record<string, string> {
  if (isShort(password)) return { password: shortMistake };
  return password === repeated ? {} : { passwordConfirm: 'The two passwords differ.' };
}

export function isUsername(text: string): boolean {
  return usernameRule.test(text);
}

/** Whether text can be an e-mail address at all. */
export function isAddress(text: string): boolean {
  return /^\S+@\S+\.\S+$/.test(text);
}

function isShort(password: string): boolean {
  return [...password].length < shortestPassword;
}

import { ClientResponseError, getTokenPayload } from 'pocketbase';
import { isAddress } from '../account-rules';
import { guarded, pb } from './client';

export interface NewAccount {
  username: string;
  email: string;
  password: string;
}

/**
 * Creates the account and logs it in. False when the login is refused: the server answers a sign-up with the address of
 * somebody's account like any other, and writes to that address instead of making an account.
 */
export async function signUp({ username, email, password }: NewAccount): Promise<boolean> {
  const body = { username, email, password, passwordConfirm: password };
  await pb.collection('users').create(body, { requestKey: null });
  try {
    await logIn(username, password);
  } catch (error) {
    if (error instanceof ClientResponseError && error.status === 400) return false;
    throw error;
  }
  return true;
}

/** Logs in by e-mail address or username. */
export async function logIn(identity: string, password: string): Promise<void> {
  await pb.collection('users').authWithPassword(identity, password, { requestKey: null });
}

/** Ends the session of a token on the server. A failure is no news: the token runs out by itself. */
export async function endSession(token: string): Promise<void> {
  const options = { method: 'POST', headers: { Authorization: token }, keepalive: true, requestKey: null };
  await pb.send('/v1/users/me/logout', options).catch(() => {});
}

/** Asks the server for a fresh token, which also proves that the account may still use the present one. */
export async function refresh(): Promise<void> {
  await pb.collection('users').authRefresh({ requestKey: null });
}

/** Makes the address verified that the token of a verification mail names. A second time it changes nothing. */
export async function confirmVerification(token: string): Promise<void> {
  await pb.collection('users').confirmVerification(token, { requestKey: null });
}

/** Asks for a verification mail. The server answers the same for an address it does not know. */
export async function requestVerification(email: string): Promise<void> {
  await guarded(() => pb.collection('users').requestVerification(email, { requestKey: null }));
}

/** Asks for a mail to choose a new password. The server answers the same for an address it does not know. */
export async function requestPasswordReset(email: string): Promise<void> {
  await pb.collection('users').requestPasswordReset(email, { requestKey: null });
}

/** Sets the password of the account that the token names, which ends all its sessions. */
export async function confirmPasswordReset(token: string, password: string, repeated: string): Promise<void> {
  await pb.collection('users').confirmPasswordReset(token, password, repeated, { requestKey: null });
}

/** Makes the new address that the token names the account's, which ends all its sessions. */
export async function confirmEmailChange(token: string, password: string): Promise<void> {
  await pb.collection('users').confirmEmailChange(token, password, { requestKey: null });
}

/** An address that a token names, else empty. Nobody has checked the token: good to show or to ask for, not to trust. */
export function addressIn(token: string, claim: 'email' | 'newEmail'): string {
  const value: unknown = getTokenPayload(token)[claim];
  return typeof value === 'string' && isAddress(value) ? value : '';
}

/** The session that a token belongs to, else empty. */
export function sessionIn(token: string): string {
  const id: unknown = getTokenPayload(token)['sid'];
  return typeof id === 'string' ? id : '';
}

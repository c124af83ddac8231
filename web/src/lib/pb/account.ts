import { getTokenPayload } from 'pocketbase';
import { isAddress } from '../account-rules';
import { guarded, pb } from './client';

export interface NewAccount {
  username: string;
  email: string;
  password: string;
}

/** Creates the account and logs it in. */
export async function signUp({ username, email, password }: NewAccount): Promise<void> {
  const body = { username, email, password, passwordConfirm: password };
  await pb.collection('users').create(body, { requestKey: null });
  await logIn(username, password);
}

/** Logs in by e-mail address or username. */
export async function logIn(identity: string, password: string): Promise<void> {
  await pb.collection('users').authWithPassword(identity, password, { requestKey: null });
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

import { pb } from './client';

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

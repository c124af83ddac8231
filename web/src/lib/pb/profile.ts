import { call, pb } from './client';
import type { PasswordVerdict, Profile } from './types';

/** What a climber may change of the profile. A new address needs the password; an empty URL unlinks. */
export type ProfileChange = Partial<Record<'username' | 'email' | 'current_password' | 'mountain_project_url' | 'eight_a_nu_url', string>>;

export function readProfile(signal: AbortSignal): Promise<Profile> {
  return call('/v1/users/me', { signal });
}

/** Changes the profile, all or nothing. */
export async function changeProfile(change: ProfileChange): Promise<Profile> {
  const profile = await call<Profile>('/v1/users/me', { method: 'PATCH', body: change });
  const { username, email, verified } = profile;
  pb.authStore.save(pb.authStore.token, { ...pb.authStore.record!, username, email, verified });
  return profile;
}

/** Sets a new password. Every session ends but this one, which goes on with the token of the answer. */
export async function changePassword(old_password: string, new_password: string, confirmation: string): Promise<void> {
  const body = { old_password, new_password, confirmation };
  const { token, record } = await call<{ token: string; record: NonNullable<typeof pb.authStore.record> }>('/v1/users/me/change-password', { method: 'POST', body });
  pb.authStore.save(token, record);
}

/** Asks the server's rules about a password, and nothing else is done with it. */
export function judgePassword(password: string, username: string, email: string, signal: AbortSignal): Promise<PasswordVerdict> {
  return pb.send('/v1/password-check', { method: 'POST', body: { password, username, email }, signal, requestKey: null });
}

/** Puts the account to rest until the next login. */
export async function deactivate(password: string, reason: string): Promise<void> {
  await call('/v1/users/me/deactivate', { method: 'POST', body: { password, ...(reason && { reason }) } });
}

/** Asks for the account to be erased, and returns when it will be. */
export async function deleteAccount(password: string): Promise<string> {
  const { erase_at } = await call<{ erase_at: string }>('/v1/users/me', { method: 'DELETE', body: { password } });
  return erase_at;
}

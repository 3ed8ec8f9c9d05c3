/** Text of a repository as it may be repeated in a message: whatever could be a secret is masked. */
import { hideCredentials } from '../../hide-credentials.ts';
import { findAssignments } from './assignments.ts';
import { judge } from './judge.ts';
import { masked } from './mask.ts';
import { findJsonWebTokens, findTokens } from './token-formats.ts';
import { findUrlCredentials } from './url-credentials.ts';

/** For a line or two: doubtful values are masked like sure ones. */
export function redactSecrets(text: string): string {
  // Bare values count: in a comment nobody writes quotes.
  const assigned = [...findAssignments(text, 'config')].filter((one) => judge(one) !== undefined);
  const found = [...findTokens(text), ...findJsonWebTokens(text), ...findUrlCredentials(text), ...assigned];
  const values = found.map(({ value }) => value).sort((a, b) => b.length - a.length);
  return hideCredentials(values.reduce((shown, value) => shown.replaceAll(value, masked(value)), text));
}

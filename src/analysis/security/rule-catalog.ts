/** Every rule of the security scan as people are shown it: what it looks for, why, and what would be right. */
import { SAST_RULES } from './sast/rule-list.ts';

export interface RuleInfo {
  readonly id: string;
  readonly kind: 'sast' | 'secret' | 'dependency';
  readonly title: string;
  readonly cwe?: string | undefined;
  readonly rationale: string;
  readonly help: string;
}

const SECRET_HELP = 'Revoke it, read it from the environment or a secret store, and remove it from the history.';

/** Rules that are not objects of their own: what their detectors report, by id. */
const OTHERS: readonly RuleInfo[] = [
  secret('password', 'Hard-coded password', 'A password given to a variable, field or option as plain text.'),
  secret('secret', 'Hard-coded secret', 'A value given to a name that promises a secret or a credential.'),
  secret('token', 'Hard-coded token', 'A value given to a name that promises a token or an authorization.'),
  secret('key', 'Hard-coded key', 'A value given to a name that promises an API, access, signing or encryption key.'),
  secret('key-like', 'Value that looks like a key', 'A long random value given to a name such as key, salt or auth.'),
  secret('private-key', 'Private key', 'A private key with its key material.', 'CWE-321'),
  secret('jwt', 'JSON web token', 'A signed token whose header decodes: it may still be valid.'),
  secret('url-credentials', 'Password in an address', 'An address of the form scheme://user:password@host.'),
  secret('command-credentials', 'Password on a command line', 'A password given to curl or sshpass as an argument.'),
  secret(
    '<issuer>',
    'Token of a known issuer',
    'A value in the published format of an issuer such as AWS, GitHub, Slack or Stripe.',
  ),
  dependency(
    'unpinned',
    'Any version is accepted',
    'Every install may get another version, a broken or a hijacked one too.',
    'CWE-1357',
  ),
  dependency(
    'no-upper-bound',
    'No upper bound and no lockfile',
    'An incompatible release is installed as soon as it is out.',
  ),
  dependency(
    'missing-lockfile',
    'No lockfile',
    'Two installs of the same commit can get different packages.',
    'CWE-1357',
  ),
  dependency(
    'moving-git-source',
    'Git source that can move',
    'A branch or tag can be given other code without a new version.',
    'CWE-829',
  ),
  dependency('unencrypted-source', 'Unencrypted source', 'Anyone on the way can replace what is installed.', 'CWE-494'),
  dependency(
    'install-scripts',
    'Scripts at install time',
    'These packages run code of theirs as soon as they are installed.',
    'CWE-829',
  ),
];

export const RULE_CATALOG: readonly RuleInfo[] = [
  ...SAST_RULES.map(
    ({ id, title, cwe, rationale, help }): RuleInfo => ({ id, kind: 'sast', title, cwe, rationale, help }),
  ),
  ...OTHERS,
];

function secret(id: string, title: string, rationale: string, cwe = 'CWE-798'): RuleInfo {
  return { id: `secret/${id}`, kind: 'secret', title, cwe, rationale, help: SECRET_HELP };
}

function dependency(id: string, title: string, rationale: string, cwe?: string): RuleInfo {
  const help = 'Pin versions, keep a lockfile under version control, and install from a registry over TLS.';
  return { id: `dependency/${id}`, kind: 'dependency', title, ...(cwe === undefined ? {} : { cwe }), rationale, help };
}

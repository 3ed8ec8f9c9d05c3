/** Every rule of the security scan as people are shown it: what it looks for, why, and what would be right. */
import { RULE_FILES } from './sast/rule-files.ts';
import { TOKEN_TITLES } from './secrets/token-formats.ts';

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
  secret(
    'password-hash',
    'Hash of a password',
    'Whoever has it can guess the password without anybody noticing.',
    'CWE-916',
  ),
  secret('jwt', 'JSON web token', 'A signed token whose header decodes: it may still be valid.'),
  secret('url-credentials', 'Password in an address', 'An address of the form scheme://user:password@host.'),
  secret('command-credentials', 'Password on a command line', 'A password given to curl or sshpass as an argument.'),
  ...TOKEN_TITLES.map(([id, title]) =>
    secret(id, capitalized(title), 'A value in the published format of its issuer.'),
  ),
  secret('aws', 'AWS credential', 'A secret access key of AWS, given to a name that says so.'),
  secret('gcp', 'Google Cloud credential', 'A key file of a Google Cloud service account.'),
  dependency(
    'unpinned',
    'Unpinned dependency',
    'Every install may get another version, a broken or a hijacked one too.',
    'CWE-1357',
  ),
  dependency(
    'no-upper-bound',
    'Dependency without an upper bound',
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
    'Dependency from a git source that can move',
    'A branch or tag can be given other code without a new version.',
    'CWE-829',
  ),
  dependency(
    'unencrypted-source',
    'Dependency over an unencrypted connection',
    'Anyone on the way can replace what is installed.',
    'CWE-494',
  ),
  dependency(
    'install-scripts',
    'Dependencies with install scripts',
    'These packages run code of theirs as soon as they are installed.',
    'CWE-829',
  ),
  dependency(
    'lookalike-name',
    'Dependency with a lookalike name',
    'Malicious packages take names that are one slip away from much-used ones.',
    'CWE-1357',
  ),
  dependency(
    'declared-twice',
    'Dependency declared twice',
    'Which of the versions counts is up to the package manager.',
  ),
  dependency(
    'duplicate-packages',
    'Packages in several versions',
    'Each makes the program bigger, and they do not mix.',
  ),
  dependency(
    'stale-lockfile',
    'Stale lockfile',
    'It does not have what the manifest declares: an install fails, or differs.',
  ),
  dependency(
    'known-vulnerability',
    'Known vulnerability',
    'A weakness of this version is public, and so is how to use it.',
    'CWE-1395',
  ),
  dependency('licence-conflict', 'Conflicting licences', 'Passing both on together asks for terms that nobody grants.'),
];

export const RULE_CATALOG: readonly RuleInfo[] = [
  ...RULE_FILES.map(
    ({ id, title, cwe, rationale, help }): RuleInfo => ({
      id: `sast/${id}`,
      kind: 'sast',
      title,
      cwe,
      rationale,
      help,
    }),
  ),
  ...OTHERS,
];

const BY_ID: ReadonlyMap<string, RuleInfo> = new Map(RULE_CATALOG.map((rule) => [rule.id, rule]));

/** The title of a rule; undefined for those of other servers. */
export function securityRuleTitle(id: string): string | undefined {
  return BY_ID.get(id)?.title;
}

function capitalized(title: string): string {
  return title.charAt(0).toUpperCase() + title.slice(1);
}

function secret(id: string, title: string, rationale: string, cwe = 'CWE-798'): RuleInfo {
  return { id: `secret/${id}`, kind: 'secret', title, cwe, rationale, help: SECRET_HELP };
}

function dependency(id: string, title: string, rationale: string, cwe?: string): RuleInfo {
  const help = 'Pin versions, keep a lockfile under version control, and install from a registry over TLS.';
  return { id: `dependency/${id}`, kind: 'dependency', title, ...(cwe === undefined ? {} : { cwe }), rationale, help };
}

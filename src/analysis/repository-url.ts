/** URLs of git repositories: what may be cloned, under which name, and with the credentials kept apart. */
import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { ConductorError } from '../base/errors.ts';

export interface RepositoryUrl {
  readonly scheme: 'http' | 'https' | 'ssh' | 'git' | 'file';
  /** What git is given and people see: without user name and password, but for the user of ssh. */
  readonly url: string;
  /** `user:password`, http and https only; never printed, never on a command line. */
  readonly credentials?: string | undefined;
  /** For file: URLs, the path in this file system. */
  readonly path?: string | undefined;
}

const SCHEMES: ReadonlySet<string> = new Set(['http', 'https', 'ssh', 'git', 'file']);
/** `user@host:path`, git's short form of ssh. */
const SCP_LIKE = /^([A-Za-z0-9_][A-Za-z0-9._-]*)@([A-Za-z0-9][A-Za-z0-9.-]*):(?!\/\/)([^:].*)$/;
const CONTROL = /[\u0000-\u0020\u007f]/;

/** @throws ConductorError VALIDATION_FAILED for anything git could take for an option, a helper or a command. */
export function parseRepositoryUrl(text: string): RepositoryUrl {
  if (text.length > 2_000 || text.startsWith('-') || CONTROL.test(text) || text.includes('::')) throw notAUrl();
  if (!text.includes('://')) return parseShort(text);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const scheme = url?.protocol.slice(0, -1);
  if (url === undefined || scheme === undefined || !SCHEMES.has(scheme)) throw notAUrl();
  if (scheme === 'file') return parseFile(url);
  if (url.hostname === '' || url.hostname.startsWith('-') || url.pathname.length < 2) throw notAUrl();
  return withoutCredentials(url, scheme as RepositoryUrl['scheme']);
}

function withoutCredentials(url: URL, scheme: RepositoryUrl['scheme']): RepositoryUrl {
  const user = decode(url.username);
  const password = decode(url.password);
  const web = scheme === 'http' || scheme === 'https';
  if (user.startsWith('-')) throw notAUrl();
  url.password = '';
  // Over ssh the user name is part of the address (`git@`); over the web it is half of a credential.
  if (scheme !== 'ssh') url.username = '';
  url.hash = '';
  const bare = { scheme, url: url.href };
  return web && (user !== '' || password !== '') ? { ...bare, credentials: `${user}:${password}` } : bare;
}

function parseShort(text: string): RepositoryUrl {
  const match = SCP_LIKE.exec(text);
  const [, user, host, path] = match ?? [];
  if (user === undefined || host === undefined || path === undefined || path.startsWith('-')) throw notAUrl();
  return { scheme: 'ssh', url: `ssh://${user}@${host}/${path.replace(/^\/+/, '')}` };
}

function parseFile(url: URL): RepositoryUrl {
  if (url.hostname !== '' && url.hostname !== 'localhost') throw notAUrl();
  const path = decode(url.pathname);
  if (path.length < 2 || path.includes('\0')) throw notAUrl();
  return { scheme: 'file', url: pathToFileURL(path).href, path };
}

/** @throws ConductorError VALIDATION_FAILED for a name git could take for an option or would never accept. */
export function checkBranch(branch: string): void {
  const bad = branch === '' || branch.length > 250 || branch.startsWith('-') || CONTROL.test(branch);
  if (bad || /[~^:?*[\\]|\.\.|@\{|\/$|\.lock$/.test(branch)) {
    throw new ConductorError('VALIDATION_FAILED', 'not the name of a branch: give one like main or release/2.x');
  }
}

/** A folder name for one branch of one repository: readable, without credentials, one to one by its digest. */
export function cloneKey(repository: RepositoryUrl, branch: string | undefined): string {
  const last =
    repository.url
      .replace(/\/+$/, '')
      .replace(/\.git$/, '')
      .split(/[/:]/)
      .pop() ?? '';
  const slug = last
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  const digest = createHash('sha256')
    .update(`${repository.url}\0${branch ?? ''}`)
    .digest('hex')
    .slice(0, 16);
  return `${slug === '' ? 'repository' : slug}-${digest}`;
}

/** Takes the credentials of any URL in a text out of it. */
export function redactUrls(text: string): string {
  return text.replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, '$1');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw notAUrl();
  }
}

/** The text is not repeated: it may hold a password. */
function notAUrl(): ConductorError {
  return new ConductorError(
    'VALIDATION_FAILED',
    'not the URL of a git repository: give an http(s), ssh or git URL like https://example.org/team/project.git',
  );
}

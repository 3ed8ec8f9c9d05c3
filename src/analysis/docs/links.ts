/** Which relative links of Markdown files lead nowhere. */
import { lstat, realpath } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { isInside } from '../confine.ts';
import type { DocumentFacts, LinkFacts } from './markdown-facts.ts';

export interface DocumentFile {
  /** Relative to the root. */
  readonly path: string;
  readonly facts: DocumentFacts;
}

export interface DeadLink {
  readonly file: string;
  readonly line: number;
  readonly href: string;
  /** `anchor` when the file is there and the heading is not. */
  readonly kind: 'file' | 'anchor';
}

export interface LinkReport {
  readonly checked: number;
  readonly dead: readonly DeadLink[];
}

export interface LinkContext {
  /** Real path of what is looked at. */
  readonly root: string;
  /** Real path, at or above the root, that links may reach into. */
  readonly top: string;
}

/** Site generators drop or change the ending of what they link to. */
const ENDINGS = ['', '.md', '.mdx', '.markdown', '.html', '/README.md', '/index.md', '/index.mdx', '/index.html'];

/** Checks links in the order of the files; a link that leaves the repository or names a scheme is not checked. */
export async function checkLinks(files: readonly DocumentFile[], context: LinkContext): Promise<LinkReport> {
  const anchors = new Map(files.map((file) => [file.path, new Set(file.facts.anchors)]));
  const exists = existenceCache(context);
  const dead: DeadLink[] = [];
  let checked = 0;
  for (const file of files) {
    for (const link of file.facts.links) {
      const verdict = await checkLink(file.path, link, anchors, exists);
      if (verdict === undefined) continue;
      checked += 1;
      if (verdict !== 'alive') dead.push({ file: file.path, line: link.line, href: link.href, kind: verdict });
    }
  }
  return { checked, dead };
}

type Verdict = 'alive' | 'file' | 'anchor' | undefined;
type Exists = (path: string) => Promise<boolean | undefined>;

async function checkLink(
  from: string,
  link: LinkFacts,
  anchors: ReadonlyMap<string, ReadonlySet<string>>,
  exists: Exists,
): Promise<Verdict> {
  const target = parseTarget(from, link.href);
  if (target === undefined) return undefined;
  if (target.path !== from) {
    const found = await anyExists(target.path, exists);
    if (found === undefined) return undefined;
    if (!found) return target.rooted && from.includes('/') ? undefined : 'file';
  }
  const known = anchors.get(target.path);
  if (target.anchor === '' || known === undefined) return 'alive';
  return hasAnchor(known, target.anchor) ? 'alive' : 'anchor';
}

function hasAnchor(known: ReadonlySet<string>, anchor: string): boolean {
  const name = anchor.toLowerCase().replace(/^user-content-/, '');
  // GitHub itself answers to `#top`, to footnotes and to line numbers.
  return known.has(name) || /^(?:top|readme|fn|fnref|l\d+|:~:text=)/.test(name);
}

interface Target {
  readonly path: string;
  readonly anchor: string;
  /** It began with a slash: from the repository's root on GitHub, from the site's elsewhere. */
  readonly rooted: boolean;
}

function parseTarget(from: string, href: string): Target | undefined {
  if (/^[a-z][a-z0-9+.-]*:/i.test(href) || href.startsWith('//') || /[{}<>]/.test(decode(href))) return undefined;
  const hash = href.indexOf('#');
  const anchor = hash < 0 ? '' : decode(href.slice(hash + 1));
  const bare = decode((hash < 0 ? href : href.slice(0, hash)).replace(/\?.*$/, ''));
  if (bare.includes('\0')) return undefined;
  if (bare === '') return { path: from, anchor, rooted: false };
  const rooted = bare.startsWith('/');
  const path = rooted ? bare.replace(/^\/+/, '') : posix.join(posix.dirname(from), bare);
  return { path: posix.normalize(path).replace(/\/+$/, ''), anchor, rooted };
}

async function anyExists(path: string, exists: Exists): Promise<boolean | undefined> {
  const stem = path.replace(/\.html?$/, '');
  const candidates = [
    ...ENDINGS.map((ending) => path + ending),
    ...(stem === path ? [] : [`${stem}.md`, `${stem}.rst`]),
  ];
  for (const candidate of candidates) {
    const found = await exists(candidate);
    if (found === undefined || found) return found;
  }
  return false;
}

/** Undefined for what lies outside: whether it exists is not for this server to say. */
function existenceCache(context: LinkContext): Exists {
  const known = new Map<string, Promise<boolean | undefined>>();
  return (path) => {
    let answer = known.get(path);
    if (answer === undefined) {
      answer = lookUp(join(context.root, path), context.top);
      known.set(path, answer);
    }
    return answer;
  };
}

async function lookUp(absolute: string, top: string): Promise<boolean | undefined> {
  if (!isInside(top, absolute)) return undefined;
  const there = await lstat(absolute).catch(() => undefined);
  if (there === undefined) return false;
  const real = await realpath(absolute).catch(() => undefined);
  return real === undefined ? false : isInside(top, real) || undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

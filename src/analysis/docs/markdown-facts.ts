/** What a documentation file says about itself: headings, anchors, links, prose and code. */
import GithubSlugger from 'github-slugger';
import MarkdownIt, { type Token } from 'markdown-it';

export interface LinkFacts {
  /** As written, still percent-encoded. */
  readonly href: string;
  readonly line: number;
}

export interface DocumentFacts {
  readonly headings: readonly { readonly level: number; readonly text: string }[];
  /** What a link may name after `#`, in lower case. */
  readonly anchors: readonly string[];
  readonly links: readonly LinkFacts[];
  /** Paragraphs without markup, the first of them cut to 2,000 characters each. */
  readonly paragraphs: readonly string[];
  readonly code: readonly string[];
}

/** What one file can contribute, at most. */
const LIMITS = { headings: 5_000, links: 5_000, anchors: 20_000, paragraphs: 200, code: 100, text: 2_000 };

const HTML_ANCHOR = /\s(?:id|name)\s*=\s*["']?([^"'\s>]{1,200})/gi;
const HTML_LINK = /\s(?:href|src)\s*=\s*["']([^"']{1,2000})["']/gi;
const HTML_HEADING = /<h([1-6])\b[^>]{0,500}>([^<]{1,500})/gi;

/** @param text the whole file; Markdown unless `plain`, in which case only headings, prose and code are looked for */
export function readDocument(text: string, plain: boolean): DocumentFacts {
  return plain ? readPlain(text) : new MarkdownReader(text).read();
}

class MarkdownReader {
  readonly #lines: readonly string[];
  readonly #tokens: readonly Token[];
  readonly #slugger = new GithubSlugger();
  readonly #headings: { level: number; text: string }[] = [];
  readonly #anchors: string[] = [];
  readonly #links: LinkFacts[] = [];
  readonly #paragraphs: string[] = [];
  readonly #code: string[] = [];
  /** Line of the block being read; cells of tables have none of their own. */
  #line = 1;

  constructor(text: string) {
    this.#lines = text.split('\n');
    this.#tokens = new MarkdownIt({ html: true, linkify: false }).parse(text, {});
  }

  read(): DocumentFacts {
    this.#tokens.forEach((token, index) => {
      const before = this.#tokens[index - 1];
      if (token.map !== null) this.#line = token.map[0] + 1;
      if (token.type === 'inline') this.#readInline(token, before);
      else if (token.type === 'html_block') this.#readHtml(token.content, this.#line);
      else if (token.type === 'fence' || token.type === 'code_block')
        this.#code.push(token.content.slice(0, LIMITS.text));
    });
    return {
      headings: this.#headings.slice(0, LIMITS.headings),
      anchors: this.#anchors.slice(0, LIMITS.anchors),
      links: this.#links.slice(0, LIMITS.links),
      paragraphs: this.#paragraphs.slice(0, LIMITS.paragraphs),
      code: this.#code.slice(0, LIMITS.code),
    };
  }

  #readInline(token: Token, before: Token | undefined): void {
    const children = token.children ?? [];
    const text = children
      .filter(({ type }) => type === 'text' || type === 'code_inline')
      .map(({ content }) => content)
      .join('');
    if (before?.type === 'heading_open') this.#addHeading(Number(before.tag.slice(1)), text);
    else if (text.trim() !== '') this.#paragraphs.push(text.slice(0, LIMITS.text));
    let line = this.#line;
    for (const child of children) {
      if (child.type === 'softbreak' || child.type === 'hardbreak') line += 1;
      else if (child.type === 'link_open') this.#addLink(child.attrGet('href'), line);
      else if (child.type === 'image') this.#addLink(child.attrGet('src'), line);
      else if (child.type === 'html_inline') this.#readHtml(child.content, line);
    }
  }

  #addHeading(level: number, text: string): void {
    this.#headings.push({ level, text: text.slice(0, LIMITS.text) });
    const slug = this.#slugger.slug(text);
    this.#anchors.push(slug);
    // An anchor element before the words leaves a hyphen on some sites and none on others.
    if (slug.startsWith('-')) this.#anchors.push(slug.replace(/^-+/, ''));
  }

  #readHtml(html: string, line: number): void {
    for (const [, anchor] of html.matchAll(HTML_ANCHOR))
      if (anchor !== undefined) this.#anchors.push(anchor.toLowerCase());
    for (const [, level, text] of html.matchAll(HTML_HEADING)) this.#addHeading(Number(level), (text ?? '').trim());
    html.split('\n').forEach((part, index) => {
      for (const [, href] of part.matchAll(HTML_LINK)) this.#addLink(href ?? null, line + index);
    });
    const prose = html.replace(/<[^>]{0,2000}>/g, ' ').trim();
    if (prose.length > 0) this.#paragraphs.push(prose.slice(0, LIMITS.text));
  }

  #addLink(href: string | number | null, line: number): void {
    if (typeof href !== 'string' || href === '' || this.#links.length >= LIMITS.links) return;
    this.#links.push({ href, line: Math.min(line, this.#lines.length) });
  }
}

/** reStructuredText and plain text: a heading is a line with a ruler under it. */
function readPlain(text: string): DocumentFacts {
  const lines = text
    .split('\n')
    .slice(0, 20_000)
    .map((line) => line.slice(0, LIMITS.text));
  const headings: { level: number; text: string }[] = [];
  const rulers: string[] = [];
  lines.forEach((line, index) => {
    const ruler = /^([=\-~^"'#*+])\1{2,}\s*$/.exec(lines[index + 1] ?? '')?.[1];
    if (ruler === undefined || line.trim() === '' || /^\W+$/.test(line)) return;
    if (!rulers.includes(ruler)) rulers.push(ruler);
    headings.push({ level: rulers.indexOf(ruler) + 1, text: line.trim() });
  });
  const blocks = lines
    .join('\n')
    .split(/\n\s*\n/)
    .slice(0, 2_000);
  const code = blocks.filter((block) => /^(?: {2,}|\t)/.test(block)).slice(0, LIMITS.code);
  const paragraphs = blocks.filter((block) => /^\w/.test(block)).slice(0, LIMITS.paragraphs);
  return { headings: headings.slice(0, LIMITS.headings), anchors: [], links: [], paragraphs, code };
}

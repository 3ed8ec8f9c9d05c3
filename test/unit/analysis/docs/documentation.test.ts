/** Documentation: parts of a README, and links and anchors that lead nowhere. */
import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { analyzeDocumentation } from '../../../../src/analysis/docs/analyze-documentation.ts';
import { readDocument } from '../../../../src/analysis/docs/markdown-facts.ts';
import { readDocumentFile } from '../../../../src/analysis/docs/read-document.ts';
import { findReadme, presentParts } from '../../../../src/analysis/docs/readme.ts';
import type { AnalyzeDocumentationResult } from '../../../../src/contracts/review.ts';
import { type FileTree, fileTree } from '../../../fixtures/file-tree.ts';

const WHOLE = `# Tool
A tool that does something worth a whole sentence here.
## Installation
\`npm install tool\`
## Usage
\`\`\`js
tool();
\`\`\`
## Contributing
Run \`npm test\` first.
## License
MIT
`;

describe('a README', () => {
  it('has the parts that a newcomer looks for', () => {
    const parts = presentParts(readDocument(WHOLE, false), []);
    assert.deepEqual(parts, ['title', 'description', 'installation', 'usage', 'licence', 'contributing', 'tests']);
  });

  it('lacks what is not there', () => {
    assert.deepEqual(presentParts(readDocument('# Tool\nShort.\n', false), []), ['title']);
    assert.deepEqual(presentParts(readDocument('', false), []), []);
  });

  it('is helped by the files beside it', () => {
    assert.deepEqual(presentParts(readDocument('# T\n', false), ['LICENSE', 'CONTRIBUTING.md']), [
      'title',
      'licence',
      'contributing',
    ]);
  });

  it('may be reStructuredText', () => {
    const text =
      'Tool\n====\n\nA tool that does something worth a whole sentence.\n\nInstalling\n----------\n\n    pip install tool\n';
    assert.deepEqual(presentParts(readDocument(text, true), []), ['title', 'description', 'installation']);
  });

  it('is looked for at the top first, Markdown before other forms', () => {
    assert.equal(findReadme(['docs/README.md', 'README', 'readme.rst', 'Readme.md', 'src/README.md']), 'Readme.md');
    assert.equal(findReadme(['docs/README.md', 'src/README.md']), 'docs/README.md');
    assert.equal(findReadme(['src/README.md']), undefined);
  });
});

describe('the documentation of a repository', () => {
  let tree: FileTree;

  afterEach(() => tree.dispose());

  const analyze = async (files: Readonly<Record<string, string>>, sub = '.'): Promise<AnalyzeDocumentationResult> => {
    tree = await fileTree(files);
    await symlink('/etc', join(tree.root, 'outside'));
    return analyzeDocumentation({
      root: join(tree.root, sub),
      top: tree.root,
      signal: new AbortController().signal,
      concurrency: 2,
      threshold: 'low',
      readDocument: readDocumentFile,
      onProgress: () => undefined,
    });
  };
  const dead = (result: AnalyzeDocumentationResult): readonly string[] =>
    result.findings
      .filter(({ ruleId }) => ruleId.startsWith('docs/dead'))
      .map((f) => `${f.file}:${f.startLine} ${f.severity}`);

  it('has links that are dead, at their line', async () => {
    const result = await analyze({
      'README.md': [
        WHOLE,
        'Text with [a good](docs/a.md), [a bad](docs/none.md)',
        'and on the next line ![an image](img/none.png "title").',
        '',
        '<p align="center">',
        '<img src="none.svg"></p>',
        '',
        '| [cell](gone.txt) | [web](https://example.org/x) |',
        '|---|---|',
        '',
        '[ref]: docs/other.md',
        'See [ref] and [folder](docs/) and [query](docs/a.md?raw=1) and `[code](no.md)`.',
      ].join('\n'),
      'docs/a.md': '[up](../README.md) [root](/README.md) [issues](../../issues) [mail](mailto:a@b.c)',
    });
    assert.deepEqual(dead(result), [
      'README.md:14 medium',
      'README.md:15 medium',
      'README.md:18 medium',
      'README.md:20 medium',
      'README.md:24 medium',
    ]);
    assert.deepEqual(result.documentation.links, { checked: 10, dead: 5 });
    assert.equal(result.documentation.files, 2);
  });

  it('has anchors that are dead, with headings named as on GitHub', async () => {
    const result = await analyze({
      'README.md': `${WHOLE}\n[1](#installation) [2](#nowhere) [3](b.md#what-is-it) [4](b.md#what-is-it-1) [5](b.md#x) [6](b.md#own) [7](code.js#L3)`,
      'b.md': '# What *is* `it`?\n## What is it\n<a id="own"></a>\n',
      'code.js': '',
    });
    assert.deepEqual(dead(result), ['README.md:14 low', 'README.md:14 low']);
  });

  it('is not judged by what lies outside the repository', async () => {
    const result = await analyze({ 'README.md': `${WHOLE}\n[a](../../x.md) [b](outside/passwd) [c](outside/none)` });
    assert.deepEqual(dead(result), ['README.md:14 medium']);
    assert.equal(result.documentation.links.checked, 1);
  });

  it('may link from a part of the repository to the rest', async () => {
    const result = await analyze(
      { 'README.md': WHOLE, 'pkg/README.md': `${WHOLE}\n[top](../README.md) [no](../NONE.md)` },
      'pkg',
    );
    assert.deepEqual(dead(result), ['README.md:14 medium']);
  });

  it('may be missing', async () => {
    const result = await analyze({ 'a.js': '' });
    assert.deepEqual(
      result.findings.map(({ ruleId, severity }) => [ruleId, severity]),
      [['docs/no-readme', 'medium']],
    );
    assert.equal(result.documentation.readme.file, null);
    assert.equal(result.documentation.readme.completeness, 0);
  });

  it('says what the README lacks', async () => {
    const result = await analyze({ 'README.md': '# Tool\n' });
    assert.match(result.findings[0]?.message ?? '', /description, installation, usage/);
    assert.equal(result.documentation.readme.completeness, 0.14);
  });
});

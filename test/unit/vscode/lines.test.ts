/** What the output channels and the documents of replies say. */
import assert from 'node:assert/strict';
import type { ReviewReport, RunState, TraceEntry } from '../../../src/contracts/index.ts';
import { summaryLine } from '../../../src/vscode/output/summary-line.ts';
import { traceLine } from '../../../src/vscode/output/trace-line.ts';
import { renderReply } from '../../../src/vscode/panels/render-reply.ts';

const entry: TraceEntry = {
  traceId: 'abc',
  spanId: 'def',
  server: 'code-analysis',
  tool: 'list_files',
  kind: 'tool',
  args: { path: '/app', note: 'a\nb' },
  startTime: 1000,
  endTime: 1250,
  status: 'ok',
  resultSize: 12,
};

describe('the trace channel', () => {
  it('tells a call in one line', () => {
    const line = traceLine({ ...entry, error: { code: 'TIMEOUT', message: 'too\nlate' } });
    assert.equal(
      line,
      'code-analysis.list_files · ok · 250 ms · 12 B · TIMEOUT: too late · trace abc · {"path":"/app","note":"a\\nb"}',
    );
  });
});

describe('the summary channel', () => {
  it('tells a review in one line, worst findings first', () => {
    const state = { title: 'Review of app', status: 'succeeded', createdAt: 0, endedAt: 4200 } as RunState;
    const severities = ['medium', 'critical', 'medium'];
    const report = {
      findings: severities.map((severity) => ({ severity })),
      metrics: { files: 9 },
      complete: false,
    } as unknown as ReviewReport;
    assert.equal(
      summaryLine(state, report),
      'Review of app succeeded in 4.2 s: 3 findings (1 critical, 2 medium) in 9 files; incomplete',
    );
  });
});

describe('a reply as a document', () => {
  const text = (value: string) => ({ kind: 'tool', isError: false, content: [{ type: 'text', text: value }] }) as const;

  it('is JSON where it can be, and the text itself where not', () => {
    assert.deepEqual(renderReply({ ...text('x'), structuredContent: { a: 1 } }), {
      text: '{\n  "a": 1\n}\n',
      language: 'json',
    });
    assert.equal(renderReply(text('[1]')).language, 'json');
    assert.deepEqual(renderReply(text('plain')), { text: 'plain', language: 'plaintext' });
  });

  it('keeps blocks that are no text', () => {
    const reply = { kind: 'tool', isError: false, content: [{ type: 'image', data: 'AAAA' }] } as const;
    assert.match(renderReply(reply).text, /"image"/);
  });
});

/** Known vulnerabilities by way of OSV: what a user is told, how little is sent, and what happens when it does not answer. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOsvCache } from '../../../../src/analysis/dependencies/osv/cache.ts';
import {
  findVulnerabilities,
  type PinnedPackage,
  type VulnerabilityReport,
} from '../../../../src/analysis/dependencies/osv/vulnerabilities.ts';
import type { Clock } from '../../../../src/base/clock.ts';
import { disposable } from '../../../../src/base/disposables.ts';
import { OsvStub } from '../../../fixtures/osv-stub.ts';

/** Waits that a server asks for take no time, and are noted; limits on time never end. */
class HastyClock implements Clock {
  time = 1_700_000_000_000;
  readonly waits: number[] = [];
  now(): number {
    return this.time;
  }
  monotonic(): number {
    return this.time;
  }
  schedule(ms: number, callback: () => void): ReturnType<Clock['schedule']> {
    if (ms === 20_000) return disposable(() => undefined);
    this.waits.push(ms);
    const handle = setImmediate(callback);
    return disposable(() => clearImmediate(handle));
  }
}

const CRITICAL = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';

function pinned(name: string, version: string, more: Partial<PinnedPackage> = {}): PinnedPackage {
  const place = { file: 'package-lock.json', line: 7, isDevelopment: false, isRehearsal: false };
  return { ecosystem: 'npm', name, version, ...place, ...more };
}

describe('known vulnerabilities', () => {
  let stub: OsvStub;
  let clock: HastyClock;

  beforeEach(async () => {
    stub = await OsvStub.start();
    clock = new HastyClock();
    stub.packages.set('npm/left@1.0.0', [['GHSA-aaaa']]);
    stub.vulnerabilities.set('GHSA-aaaa', {
      id: 'GHSA-aaaa',
      aliases: ['CVE-2026-1'],
      summary: 'Prototype pollution in left.',
      severity: [{ type: 'CVSS_V3', score: CRITICAL }],
      affected: [
        {
          package: { ecosystem: 'npm', name: 'left' },
          ranges: [
            { type: 'GIT', events: [{ introduced: '0' }, { fixed: '0a1b2c' }] },
            { type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '0.9.1' }] },
            { type: 'SEMVER', events: [{ introduced: '1.0.0-rc.1' }, { fixed: '1.10.0' }, { fixed: '1.9.0' }] },
          ],
        },
        { package: { ecosystem: 'npm', name: 'right' }, ranges: [{ type: 'SEMVER', events: [{ fixed: '1.0.1' }] }] },
      ],
      database_specific: { severity: 'LOW', cwe_ids: ['CWE-1321'] },
    });
  });
  afterEach(() => stub.stop());

  const find = (packages: readonly PinnedPackage[], cacheFolder?: string): Promise<VulnerabilityReport> =>
    findVulnerabilities(packages, {
      url: stub.url,
      clock,
      signal: new AbortController().signal,
      ...(cacheFolder === undefined ? {} : { cache: createOsvCache(cacheFolder, stub.url, clock) }),
    });

  it('are told where the package is locked, with severity, weakness and the nearest fix', async () => {
    const { findings, problems, asked } = await find([pinned('left', '1.0.0'), pinned('fine', '2.0.0')]);
    assert.deepEqual(problems, []);
    assert.equal(asked, 2);
    assert.deepEqual(
      findings.map(({ ruleId, severity, confidence, message, help, cwe, file, startLine }) => [
        ruleId,
        severity,
        confidence,
        message,
        help,
        cwe,
        `${file}:${startLine}`,
      ]),
      [
        [
          'dependency/known-vulnerability',
          'critical',
          'high',
          'left 1.0.0 is vulnerable: CVE-2026-1 (GHSA-aaaa): Prototype pollution in left.',
          'Update left to 1.9.0 or later.',
          'CWE-1321',
          'package-lock.json:7',
        ],
      ],
    );
  });

  it('weigh less where they are used in development only', async () => {
    const { findings } = await find([pinned('left', '1.0.0', { isDevelopment: true })]);
    assert.equal(findings[0]?.severity, 'high');
    assert.match(findings[0]?.message ?? '', /in development only/);
  });

  it('that several databases report are one, and withdrawn ones none', async () => {
    stub.packages.set('PyPI/jinja2@2.0', [['PYSEC-1', 'GHSA-b'], ['GHSA-gone']]);
    stub.vulnerabilities.set('PYSEC-1', {
      id: 'PYSEC-1',
      aliases: ['CVE-2026-2', 'GHSA-b'],
      details: 'Long story.\nMore.',
    });
    stub.vulnerabilities.set('GHSA-b', {
      id: 'GHSA-b',
      aliases: ['CVE-2026-2'],
      summary: 'Short',
      database_specific: { severity: 'MODERATE' },
    });
    stub.vulnerabilities.set('GHSA-gone', { id: 'GHSA-gone', withdrawn: '2026-01-02T00:00:00Z', summary: 'No' });
    const { findings, byPackage } = await find([pinned('jinja2', '2.0', { ecosystem: 'PyPI' })]);
    assert.deepEqual(
      findings.map(({ severity, message }) => `${severity} ${message}`),
      ['medium jinja2 2.0 is vulnerable: CVE-2026-2 (GHSA-b, PYSEC-1): Short.'],
    );
    assert.deepEqual([...byPackage.values()], [['CVE-2026-2']]);
    assert.match(findings[0]?.help ?? '', /No fixed version/);
  });

  it('are asked for a thousand packages at a time, each once', async () => {
    const many = Array.from({ length: 1_500 }, (_, at) => pinned(`p${at}`, '1.0.0'));
    await find([...many, ...many]);
    assert.deepEqual(stub.requests, ['POST /v1/querybatch 1000', 'POST /v1/querybatch 500']);
  });

  it('are not asked for what has no published name or version', async () => {
    const { asked } = await find([
      pinned('https://token@host.internal/a', '1.0.0'),
      pinned('../lib', '1.0.0'),
      pinned('a', ''),
      pinned('b', 'file:../b'),
      pinned('pod', '1.0.0', { ecosystem: 'CocoaPods' }),
    ]);
    assert.deepEqual([asked, stub.requests], [0, []]);
  });

  it('of one package that is refused do not cost the others', async () => {
    const others = Array.from({ length: 9 }, (_, at) => pinned(`p${at}`, '1.0.0'));
    const { findings, problems } = await find([
      pinned('left', '1.0.0'),
      ...others,
      pinned('odd', 'refused', { ecosystem: 'PyPI' }),
    ]);
    assert.equal(findings.length, 1);
    assert.deepEqual(problems, ['odd refused could not be looked up: HTTP 400: Invalid version']);
  });

  it('are asked for again when the server is busy, after the time it names', async () => {
    stub.faults.push(
      { status: 429, headers: { 'retry-after': '3' } },
      { status: 503, headers: { 'retry-after': new Date(clock.time + 5_000).toUTCString() } },
      { status: 500 },
    );
    const { findings, problems } = await find([pinned('left', '1.0.0')]);
    assert.deepEqual([findings.length, problems], [1, []]);
    assert.deepEqual(clock.waits, [3_000, 5_000, 2_000]);
  });

  it('are given up when the server wants to rest for long, or never answers', async () => {
    stub.faults.push({ status: 429, headers: { 'retry-after': '3600' } });
    assert.deepEqual((await find([pinned('left', '1.0.0')])).problems, ['left 1.0.0 could not be looked up: HTTP 429']);
    const { url } = stub;
    await stub.stop();
    const signal = new AbortController().signal;
    const { findings, problems } = await findVulnerabilities([pinned('a', '1.0.0'), pinned('b', '1.0.0')], {
      url,
      clock,
      signal,
    });
    assert.deepEqual(findings, []);
    assert.match(problems.join('\n'), /^2 packages could not be looked up: .*ECONNREFUSED/);
    stub = await OsvStub.start();
  });

  for (const [what, body] of [
    ['no JSON', '<html>'],
    ['another shape', '{"results":{"0":{}}}'],
    ['too few results', '{"results":[]}'],
  ] as const)
    it(`survive an answer that is ${what}`, async () => {
      stub.faults.push({ status: 200, body });
      const { findings, problems } = await find([pinned('left', '1.0.0')]);
      assert.deepEqual(findings, []);
      assert.match(problems.join('\n'), /^left 1\.0\.0 could not be looked up: /);
    });

  it('whose details are missing or about something else are named as not read', async () => {
    stub.packages.set('npm/left@1.0.0', [['GHSA-aaaa', 'GHSA-missing', 'GHSA-other']]);
    stub.vulnerabilities.set('GHSA-other', { id: 'GHSA-else' });
    const { findings, problems } = await find([pinned('left', '1.0.0')]);
    assert.equal(findings.length, 1);
    assert.deepEqual([...problems].sort(), [
      'GHSA-missing could not be read: HTTP 404: Bug not found.',
      'GHSA-other could not be read: the answer is about GHSA-else',
    ]);
  });

  it('stop being asked for when the review is cancelled', async () => {
    const controller = new AbortController();
    controller.abort();
    const options = { url: stub.url, clock, signal: controller.signal };
    await assert.rejects(findVulnerabilities([pinned('left', '1.0.0')], options), { code: 'CANCELLED' });
  });

  it('are not asked for at an address that is none', async () => {
    const options = { url: 'file:///etc/passwd', clock, signal: new AbortController().signal };
    await assert.rejects(findVulnerabilities([pinned('left', '1.0.0')], options), { code: 'VALIDATION_FAILED' });
  });

  describe('remembered on disk', () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'osv-'));
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    it('are not asked for again within a day, and after it only when they changed', async () => {
      const first = await find([pinned('left', '1.0.0')], folder);
      assert.equal(stub.requests.length, 2);
      assert.deepEqual(await find([pinned('left', '1.0.0')], folder), first);
      assert.equal(stub.requests.length, 2);
      clock.time += 25 * 60 * 60 * 1000;
      assert.deepEqual(await find([pinned('left', '1.0.0')], folder), first);
      assert.deepEqual(stub.requests.slice(2), ['POST /v1/querybatch 1']);
    });

    it('that could not be asked for are asked for the next time', async () => {
      stub.faults.push({ status: 404 });
      assert.equal((await find([pinned('left', '1.0.0')], folder)).findings.length, 0);
      assert.equal((await find([pinned('left', '1.0.0')], folder)).findings.length, 1);
    });

    it('are asked for when what was kept is broken', async () => {
      await find([pinned('left', '1.0.0')], folder);
      for (const file of await readdir(folder, { recursive: true }))
        if (file.endsWith('.json'))
          await writeFile(join(folder, file), (await readFile(join(folder, file), 'utf8')).slice(0, 20));
      assert.equal((await find([pinned('left', '1.0.0')], folder)).findings.length, 1);
      assert.equal(stub.requests.length, 4);
    });
  });
});

/** Severities of vulnerabilities and the order of versions, against published values. */
import assert from 'node:assert/strict';
import { cvss3, severityOf } from '../../../../src/analysis/dependencies/osv/severity.ts';
import { vulnerabilityShape } from '../../../../src/analysis/dependencies/osv/shapes.ts';
import { compareVersions } from '../../../../src/analysis/dependencies/osv/versions.ts';

const severity = (fields: object): string | undefined => severityOf(vulnerabilityShape.parse({ id: 'A', ...fields }));
const scored = (type: string, score: string): string | undefined => severity({ severity: [{ type, score }] });

describe('the severity of a vulnerability', () => {
  // Of FIRST's examples, and of the National Vulnerability Database.
  for (const [vector, score] of [
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', 9.8],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H', 10],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N', 6.1],
    ['CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N', 6.4],
    ['CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N', 3.1],
    ['CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H', 7.8],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H', 7.5],
    ['CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N', 0],
  ] as const)
    it(`is ${score} for ${vector}`, () => assert.equal(cvss3(vector), score));

  it('comes from CVSS 3 first, then from the database, then from CVSS 4 and 2', () => {
    assert.equal(scored('CVSS_V3', 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H'), 'high');
    assert.equal(scored('CVSS_V2', 'AV:N/AC:L/Au:N/C:P/I:P/A:P'), 'high');
    assert.equal(scored('CVSS_V2', 'AV:N/AC:M/Au:N/C:N/I:P/A:N'), 'medium');
    assert.equal(scored('CVSS_V4', 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N'), 'critical');
    assert.equal(scored('CVSS_V4', 'CVSS:4.0/AV:L/AC:L/AT:N/PR:L/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N'), 'low');
    assert.equal(severity({ database_specific: { severity: 'MODERATE' } }), 'medium');
    assert.equal(severity({ affected: [{ ecosystem_specific: { severity: 'High' } }] }), 'high');
  });

  it('is unknown where nobody said one that can be read', () => {
    assert.equal(scored('CVSS_V3', 'CVSS:3.1/AV:X'), undefined);
    assert.equal(severity({ database_specific: { severity: 7 } }), undefined);
  });
});

describe('versions', () => {
  it('are ordered by their numbers, with pre-releases before the release', () => {
    const ordered = [
      '0.9',
      'v1.0.0-alpha.1',
      '1.0.0-beta.2',
      '1.0rc1',
      '1.0.0',
      '1.0.0.post1',
      '1.0.1',
      '1.2',
      '1.10.0',
      '2.0.0+build',
    ];
    for (const [at, version] of ordered.entries())
      for (const later of ordered.slice(at + 1))
        assert.ok(compareVersions(version, later) < 0, `${version} < ${later}`);
    assert.equal(compareVersions('1.0', 'v1.0.0+x'), 0);
  });
});

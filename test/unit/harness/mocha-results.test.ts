/** Tests of how results are collected, judged and added up. */
import assert from 'node:assert/strict';
import Mocha from 'mocha';
import {
  collect,
  describeFailures,
  failed,
  judged,
  lastLine,
  parseResults,
  type Results,
  sum,
} from '../../harness/mocha-results.ts';
import { parsePhases } from '../../harness/phases.ts';

class Silent extends Mocha.reporters.Base {
  override epilogue(): void {}
}

/** A suite of its own inside this one. */
function run(fill: (suite: Mocha.Suite) => void): Promise<Results> {
  const mocha = new Mocha({ reporter: Silent });
  fill(mocha.suite);
  return new Promise((done) => {
    const runner = mocha.run(() => done(read()));
    const read = collect(runner);
  });
}

describe('a collected run', () => {
  it('counts what passed and names what failed, with the reason', async () => {
    const results = await run((suite) => {
      suite.addTest(new Mocha.Test('holds', () => {}));
      suite.addTest(
        new Mocha.Test('breaks', () => {
          throw new Error('five is not four');
        }),
      );
    });
    assert.equal(results.passed, 1);
    assert.deepEqual(
      results.failures.map(({ title, message }) => ({ title, message })),
      [{ title: 'breaks', message: 'five is not four' }],
    );
    assert.match(describeFailures(results), /✗ breaks\n.*five is not four/);
  });

  it('counts a skipped test as failed', async () => {
    const results = await run((suite) => {
      suite.addTest(new Mocha.Test('later'));
    });
    assert.equal(lastLine(results), '0 passed, 1 failed');
    assert.match(results.failures[0]?.message ?? '', /skipped/);
  });

  it('counts a failing hook as failed', async () => {
    const results = await run((suite) => {
      suite.beforeAll(() => {
        throw new Error('no server');
      });
      suite.addTest(new Mocha.Test('never runs', () => {}));
    });
    assert.equal(lastLine(results), '0 passed, 1 failed');
  });

  it('has failed when nothing ran', () => {
    assert.equal(lastLine(judged({ passed: 0, failures: [] }, 'unit')), '0 passed, 1 failed');
  });

  it('adds up over the phases', () => {
    assert.equal(lastLine(sum([{ passed: 3, failures: [] }, failed('e2e', 'crashed')])), '3 passed, 1 failed');
  });
});

describe('a result file', () => {
  it('is read back as written', () => {
    const results = failed('a', 'b');
    assert.deepEqual(parseResults(JSON.stringify(results)), results);
  });

  it('is refused when it holds something else', () => {
    assert.throws(() => parseResults('{"passed": "many", "failures": []}'), /needs `passed`/);
    assert.throws(() => parseResults('{"passed":'), SyntaxError);
  });
});

describe('the phases asked for', () => {
  it('are all of them when none is named', () => {
    assert.deepEqual([...parsePhases([])], ['check', 'unit', 'conformance', 'faults', 'host', 'e2e']);
  });

  it('are the named ones, and a wrong name lists the right ones', () => {
    assert.deepEqual([...parsePhases(['unit', 'host'])], ['unit', 'host']);
    assert.throws(
      () => parsePhases(['units']),
      /unknown phase 'units'; there are check, unit, conformance, faults, host, e2e/,
    );
  });
});

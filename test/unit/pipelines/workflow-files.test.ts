/** The built-in workflow files are workflow files like any other, and have no mistakes in them. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { BUNDLED_SERVERS } from '../../../src/contracts/index.ts';
import { parseWorkflow } from '../../../src/workflow/parse.ts';
import { isPlan, planWorkflow } from '../../../src/workflow/plan.ts';

const folder = new URL('../../../src/pipelines/', import.meta.url);

describe('the built-in workflow files', () => {
  it('plan without a problem over the bundled servers', async () => {
    const files = (await readdir(folder)).filter((name) => name.endsWith('.workflow.yaml'));
    assert.ok(files.length > 0);
    for (const file of files) {
      const { spec, problems, locate } = parseWorkflow(await readFile(new URL(file, folder), 'utf8'), file);
      assert.deepEqual(problems, []);
      assert.ok(spec !== undefined);
      const plan = planWorkflow(spec, new Map(BUNDLED_SERVERS.map((id) => [id, undefined])), locate);
      assert.ok(isPlan(plan), JSON.stringify(plan));
    }
  });

  it('let the four analyses of a review run beside each other', async () => {
    const { spec, locate } = parseWorkflow(await readFile(new URL('review.workflow.yaml', folder), 'utf8'), 'review');
    assert.ok(spec !== undefined);
    const plan = planWorkflow(spec, new Map(BUNDLED_SERVERS.map((id) => [id, undefined])), locate);
    assert.ok(isPlan(plan));
    const needs = Object.fromEntries(plan.steps.map((step) => [step.id, step.needs]));
    for (const id of ['static', 'security', 'dependencies', 'documentation']) assert.deepEqual(needs[id], ['retrieve']);
    assert.deepEqual(needs.recommendations, ['retrieve', 'static', 'security', 'dependencies', 'documentation']);
    assert.deepEqual(needs.actions, ['retrieve', 'recommendations']);
  });
});

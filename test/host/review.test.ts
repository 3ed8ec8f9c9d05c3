/** A real review of the sample repository in a real extension host: Problems, the *Runs* view, the panel. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { COMMANDS, PANELS } from '../../src/contracts/ids.ts';
import type { ConductorApi } from '../../src/vscode/extension.ts';
import { activated, eventually, workspaceFolder } from './kit.ts';

const ours = (uri: vscode.Uri): vscode.Diagnostic[] =>
  vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'MCP Conductor');

describe('Review Current Repository', () => {
  let api: ConductorApi;
  const at = (name: string): vscode.Uri => vscode.Uri.file(join(workspaceFolder(), name));

  before(async function () {
    this.timeout(60_000);
    api = await activated();
    const startedAt = performance.now();
    await vscode.commands.executeCommand(COMMANDS.reviewRepository);
    console.log(`review of the sample repository: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  });

  it('fills the Problems panel: the secret, the dangerous code, the dead link', () => {
    const codes = (name: string): string =>
      ours(at(name))
        .map(({ code }) => String(code))
        .join(' ');
    assert.match(codes('src/settings.py'), /secret\//);
    assert.match(codes('src/customers.js'), /sast\//);
    assert.match(codes('src/jobs.py'), /sast\//);
    assert.match(codes('README.md'), /docs\//);
  });

  it('never shows the secret', () => {
    for (const { message } of ours(at('src/settings.py'))) assert.doesNotMatch(message, /Zt9Lm4/);
  });

  it('lists the run with its steps', async () => {
    const [run] = await api.parts.runs.getChildren();
    assert.ok(run);
    assert.match(String(api.parts.runs.getTreeItem(run).description), /^succeeded/);
    const steps = await api.parts.runs.getChildren(run);
    assert.ok(steps.length >= 6, `${steps.length} steps`);
    for (const step of steps)
      assert.doesNotMatch(String(api.parts.runs.getTreeItem(step).description), /waiting|skipped/);
  });

  const openPanels = (): vscode.Tab[] =>
    vscode.window.tabGroups.all
      .flatMap(({ tabs }) => tabs)
      .filter(({ input }) => input instanceof vscode.TabInputWebview);

  it('opens one panel', () => {
    const panels = openPanels();
    assert.equal(panels.length, 1);
    assert.ok(
      panels.every(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(PANELS.review)),
    );
  });

  it('can be cancelled while it runs', async () => {
    const ended = vscode.commands.executeCommand(COMMANDS.reviewRepository);
    const node = await eventually('the new run is listed', async () => {
      const [first] = await api.parts.runs.getChildren();
      return first !== undefined && api.parts.runs.getTreeItem(first).contextValue === 'run.active' && first;
    });
    await vscode.commands.executeCommand(COMMANDS.cancelRun, node);
    await ended;
    const [first] = await api.parts.runs.getChildren();
    assert.ok(first);
    assert.match(String(api.parts.runs.getTreeItem(first).description), /^cancelled/);
  });

  it('shows every review of a folder in the one panel of that folder', async () => {
    for (const run of await api.parts.runs.getChildren())
      await vscode.commands.executeCommand(COMMANDS.openReview, run);
    assert.equal(openPanels().length, 1);
  });

  it('leaves out findings whose file is gone when they are shown again', async () => {
    const run = (await (await api.parts.engine.load()).runs.list()).find(({ state }) => state.status === 'succeeded');
    assert.ok(run);
    const report = await (await api.parts.engine.load()).loadReview(run.runId);
    assert.ok(report);
    await rm(join(workspaceFolder(), 'src/jobs.py'));
    await api.parts.findings.show(report);
    assert.deepEqual(ours(at('src/jobs.py')), []);
    assert.notDeepEqual(ours(at('src/customers.js')), []);
  });

  it('clears its findings on demand', async () => {
    await vscode.commands.executeCommand(COMMANDS.clearFindings);
    await eventually('Problems are cleared', () => ours(at('src/customers.js')).length === 0);
  });
});

/** What stands in place of a list that was never made: in the tab itself, and as a word beside its name. */
import { html, type TemplateResult } from 'lit';
import type { Missing } from '../report-model.ts';
import { empty } from './widgets.ts';

const WORDS: Readonly<Record<Missing, readonly [icon: string, text: string]>> = {
  failed: ['error', 'The step for this failed, so nothing is known about it. The tab Steps says why.'],
  skipped: ['debug-step-over', 'The step for this was skipped, so nothing is known about it.'],
  cancelled: ['circle-slash', 'The review was cancelled before the step for this ended, so nothing is known about it.'],
};

export function missingNote(missing: Missing): TemplateResult {
  const [icon, text] = WORDS[missing];
  return empty(text, icon);
}

export function missingWord(missing: Missing): TemplateResult {
  return html`<span class="tab-note">${missing}</span>`;
}

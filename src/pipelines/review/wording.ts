/** How reports word numbers, times and what was looked at. */
import type { ReviewReport } from '../../contracts/index.ts';

export function plural(amount: number, noun: string): string {
  return `${amount.toLocaleString('en-US')} ${noun}${amount === 1 ? '' : 's'}`;
}

export function duration(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

/** `12 files, 3,400 lines (typescript, python).` */
export function counted({ metrics: { files, lines, languages } }: ReviewReport): string {
  const main = Object.entries(languages)
    .sort(([nameA, a], [nameB, b]) => b.lines - a.lines || (nameA < nameB ? -1 : 1))
    .slice(0, 4)
    .map(([name]) => name);
  return `${plural(files, 'file')}, ${plural(lines, 'line')}${main.length > 0 ? ` (${main.join(', ')})` : ''}.`;
}

/** `61 % of 120` functions of a language that others can call say what they do; empty where there are none. */
export function documentedShare({ metrics: { documented = {} } }: ReviewReport, language: string): string {
  const counts = Object.hasOwn(documented, language) ? documented[language] : undefined;
  if (counts === undefined || counts.functions === 0) return '';
  const percent = Math.floor((100 * counts.documented) / counts.functions);
  return `${percent} % of ${counts.functions.toLocaleString('en-US')}`;
}

/** What the list was measured against, so that nobody takes a short list for a clean repository. */
export function comparisons({ baseline, changedOnly, findings }: ReviewReport): readonly string[] {
  const told: string[] = [];
  if (baseline !== undefined) {
    const isShown = findings.some((finding) => finding.state === 'known');
    const known = `${plural(baseline.known, 'known finding')} of ${baseline.file} ${isShown ? 'among them' : 'not shown (--all shows them)'}`;
    told.push(`${known}; ${plural(baseline.fixed.length, 'finding')} of it no longer there.`);
  }
  if (changedOnly !== undefined) {
    const { since, files, elsewhere } = changedOnly;
    told.push(`Only what changed (${since}): ${plural(files, 'file')}; ${plural(elsewhere, 'finding')} elsewhere.`);
  }
  return told;
}

/** Making text that a server wrote safe and short enough to be shown by the editor's own widgets. */

/** Control characters, and the ones that reorder or hide what stands around them. */
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/gu;

/** One line of at most `max` characters without control or bidirectional characters. */
export function oneLine(text: string, max = 200): string {
  const flat = text.replace(INVISIBLE, ' ').replace(/\s+/gu, ' ').trim();
  return flat.length <= max ? flat : `${flat.slice(0, max - 1)}…`;
}

/** Several lines of plain text, for tooltips: line ends are kept, everything invisible goes. */
export function plainLines(text: string, max = 1500): string {
  const lines = text.split(/\r?\n/u).map((line) => line.replace(INVISIBLE, ' ').trimEnd());
  const whole = lines.join('\n').trim();
  return whole.length <= max ? whole : `${whole.slice(0, max - 1)}…`;
}

/** Characters of an error that a tooltip holds: what its row cuts off is to be read here. */
const WHOLE_ERROR = 20_000;

/** An error in full, for tooltips. */
export function wholeError(text: string): string {
  return plainLines(text, WHOLE_ERROR);
}

/** For quick picks, which would draw `$(name)` as an icon. */
export function withoutIcons(text: string): string {
  return text.replaceAll('$(', '\\$(');
}

/** For notifications and prompts, which turn `[label](command:…)` into a link: text from a server must not become one. */
export function withoutLinks(text: string): string {
  return oneLine(text, 400).replaceAll('](', '] (');
}

/** `850 ms`, `4.2 s`, `3 min 05 s` */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** `14:05` in local time, with the date before it unless it is today's: `2026-11-22 14:05`. */
export function formatMoment(at: number, now: number): string {
  const moment = new Date(at);
  const day = dayOf(moment) === dayOf(new Date(now)) ? '' : `${dayOf(moment)} `;
  return `${day}${two(moment.getHours())}:${two(moment.getMinutes())}`;
}

function dayOf(date: Date): string {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}

/** `1 tool`, `3 tools` */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n} ${n === 1 ? noun : plural}`;
}

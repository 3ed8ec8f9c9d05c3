/** Which licences of packages do not go with a project's own: SPDX expressions, judged by what their licences ask for. */
import correct from 'spdx-correct';
import parse, { type Info } from 'spdx-expression-parse';

/**
 * What whoever passes a program on must do with the whole of it: nothing, give out its source (`strong`), give it out to
 * users over a network as well (`network`), or ask first, as with licences that forbid commerce (`restricted`).
 */
type Duty = 'none' | 'strong' | 'network' | 'restricted';

const DUTIES: readonly Duty[] = ['none', 'strong', 'network', 'restricted'];

const RESTRICTED =
  /^(?:CC-BY-NC|PolyForm-(?:Noncommercial|Internal|Free-Trial|Small)|BUSL|Elastic|Parity|Aladdin|Hippocratic)/i;
const NETWORK = /^(?:AGPL|SSPL|OSL|EUPL|CPAL|RPSL|APSL)-/i;
const STRONG = /^(?:GPL|CECILL-[12]|QPL|Sleepycat|CC-BY-SA)(?:-|\.|\d|$)/i;

/** With these, parts under `GPL-2.0-only` cannot be passed on together: each asks for terms that it does not allow. */
const NOT_WITH_GPL2 =
  /^(?:Apache-2\.0|(?:GPL|LGPL|AGPL)-3\.0|CDDL-|EPL-|MPL-1|OpenSSL|BSD-4-Clause|CPL-|Python-2\.0\.1?$)/i;

/** Longest expression that is looked at, in characters. */
const MAX_LENGTH = 500;

/**
 * True when the package demands of the project what the project's own licence does not say.
 * Expressions that cannot be read, and licences that nobody listed, are no conflict.
 */
export function conflicts(own: string, theirs: string): boolean {
  const [mine, other] = [expressionOf(own), expressionOf(theirs)];
  if (other === undefined) return false;
  const ownDuty = mine === undefined ? 0 : lightest(mine, dutyOf);
  if (lightest(other, dutyOf) > ownDuty) return true;
  const isGpl2Only = mine !== undefined && lightest(mine, (part) => Number(isGpl2(part))) === 1;
  return isGpl2Only && lightest(other, (part) => Number(isAgainstGpl2(part))) === 1;
}

interface Part {
  readonly license: string;
  readonly plus?: boolean | undefined;
  readonly exception?: string | undefined;
}

/** Of `OR` the lightest counts, of `AND` the heaviest. */
function lightest(info: Info, weigh: (part: Part) => number): number {
  if (!('conjunction' in info)) return weigh(info);
  const [left, right] = [lightest(info.left, weigh), lightest(info.right, weigh)];
  return info.conjunction === 'or' ? Math.min(left, right) : Math.max(left, right);
}

/** An exception such as Classpath lifts the duty for whoever only links. */
function dutyOf({ license, exception }: Part): number {
  if (exception !== undefined) return 0;
  if (RESTRICTED.test(license)) return DUTIES.indexOf('restricted');
  if (NETWORK.test(license)) return DUTIES.indexOf('network');
  return STRONG.test(license) ? DUTIES.indexOf('strong') : 0;
}

function isGpl2({ license, plus }: Part): boolean {
  return /^GPL-2\.0(?:-only)?$/i.test(license) && plus !== true;
}

function isAgainstGpl2({ license, exception }: Part): boolean {
  return exception === undefined && NOT_WITH_GPL2.test(license);
}

/** As it is written, else as it was meant: `Apache 2`, `GPLv3`, `(MIT or GPL)`. */
function expressionOf(text: string): Info | undefined {
  const plain = text
    .slice(0, MAX_LENGTH)
    .trim()
    .replace(/\s*(?:\|\|?|\/|,)\s*/g, ' OR ')
    .replace(/\s+(or|and|with)\s+/gi, (_, word: string) => ` ${word.toUpperCase()} `);
  // Proprietary, or told in a file.
  if (plain === '' || /^(?:UNLICENSED|SEE LICEN[CS]E\b.*|NOASSERTION|NONE)$/i.test(plain)) return undefined;
  return parsed(plain) ?? parsed(corrected(plain));
}

function parsed(expression: string | undefined): Info | undefined {
  if (expression === undefined) return undefined;
  try {
    return parse(expression);
  } catch {
    // Not SPDX: what cannot be read is not judged.
    return undefined;
  }
}

/** Name by name, so that `(Apache 2 OR GPLv2)` is understood. */
function corrected(expression: string): string | undefined {
  const names = expression.replace(/[()]/g, ' ').split(/\s+(OR|AND)\s+/);
  const fixed = names.map((name) => (name === 'OR' || name === 'AND' ? name : correct(name.trim())));
  return fixed.includes(null) ? undefined : fixed.join(' ');
}

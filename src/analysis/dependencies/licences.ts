/** Which licences of packages do not go with a project's own: SPDX expressions, judged by their families. */

/** What whoever passes a program on must do with the whole of it. */
type Duty = 'none' | 'strong' | 'network';

const DUTIES: readonly Duty[] = ['none', 'strong', 'network'];

function dutyOf(id: string): Duty {
  if (/^(?:AGPL|SSPL|OSL)-/i.test(id)) return 'network';
  return /^(?:GPL|EUPL|CECILL-[12])[-.\d]/i.test(id) || /^GPL$/i.test(id) ? 'strong' : 'none';
}

/** Of `OR` the lightest counts, of `AND` the heaviest; an exception such as Classpath lifts the duty. */
function lightest(expression: string): Duty {
  const plain = expression.replace(/[()]/g, ' ').slice(0, 500);
  const alternatives = plain.split(/\s+OR\s+|\s*\/\s*|\s*\|\|?\s*/i).map((alternative) =>
    Math.max(
      ...alternative.split(/\s+AND\s+/i).map((part) => {
        const [id = '', ...rest] = part.trim().split(/\s+/);
        return rest[0]?.toUpperCase() === 'WITH' ? 0 : DUTIES.indexOf(dutyOf(id));
      }),
    ),
  );
  return DUTIES[Math.min(...alternatives)] ?? 'none';
}

/** True when the package demands of the project what the project's own licence does not say. */
export function conflicts(own: string, theirs: string): boolean {
  return DUTIES.indexOf(lightest(theirs)) > DUTIES.indexOf(lightest(own));
}

/** What checking the audit log finds, and how that reads. */

/** One thing that is wrong, and where. */
export interface AuditFault {
  readonly file: string;
  /** From 1; 0 when the file is not there. */
  readonly line: number;
  /** Number of the record within its series, as far as it can be known. */
  readonly seq: number;
  readonly what: string;
}

/** The secret store that was asked which heads it was told of. */
export interface AuditWitness {
  /** `VS Code`, `keyring`. */
  readonly store: string;
  /** How many of the series it knows. */
  readonly series: number;
  /** Why it could not be asked. */
  readonly problem?: string | undefined;
}

export interface AuditVerdict {
  readonly records: number;
  readonly series: number;
  /** The first fault of each series; empty when the log is what was written. */
  readonly faults: readonly AuditFault[];
  /** Records at the end of a series that no commit vouches for: a process died while it wrote them. */
  readonly notes: readonly AuditFault[];
  readonly witness?: AuditWitness | undefined;
}

/** Where it was looked, and what was found. */
export interface AuditCheck extends AuditVerdict {
  readonly directory: string;
  readonly keyFile: string;
}

/** One line each; the last ones say how it stands. */
export function auditLines(check: AuditCheck): readonly string[] {
  const { records, series, faults, notes, directory, keyFile } = check;
  if (series === 0 && faults.length === 0) return [`No call has been recorded in ${directory}.`];
  const count = `${records} records of ${series} processes in ${directory}`;
  return [
    ...faults.map(auditPlace),
    ...notes.map((note) => `note: ${auditPlace(note)}`),
    faults.length === 0 ? `${count}: all as they were written.` : `${count}: NOT what was written.`,
    witnessLine(check),
    ...(faults.length === 0 ? [] : [`Checked with the key in ${keyFile}.`]),
  ];
}

export function auditPlace({ file, line, seq, what }: AuditFault): string {
  return `${file}:${line}: record ${seq}: ${what}`;
}

function witnessLine({ witness, series, keyFile }: AuditCheck): string {
  const without = `so only what lies beside ${keyFile} vouches for it`;
  if (witness === undefined) return `No secret store was asked, ${without}.`;
  const { store, problem } = witness;
  if (problem !== undefined) return `The secret store (${store}) could not be asked, ${without}: ${problem}`;
  if (witness.series === 0) return `The secret store (${store}) knows nothing of this log, ${without}.`;
  return `Compared with the secret store (${store}), which knows ${witness.series} of the ${series}.`;
}

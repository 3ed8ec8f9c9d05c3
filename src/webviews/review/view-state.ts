/** What the person has chosen to see: kept by the editor, so that a reload brings it back. */
import { FINDING_KINDS, type FindingKind, SEVERITIES, type Severity } from '../../contracts/review.ts';

export const TABS = [
  'findings',
  'actions',
  'recommendations',
  'metrics',
  'dependencies',
  'documentation',
  'steps',
] as const;
export type TabId = (typeof TABS)[number];

export const GROUPINGS = ['severity', 'file', 'kind'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export const FUNCTION_COLUMNS = ['name', 'file', 'cyclomatic', 'lines', 'parameters', 'nesting'] as const;
export type FunctionColumn = (typeof FUNCTION_COLUMNS)[number];

/** Rows drawn at first, and added by each *Show more*. */
export const ROWS = 200;

export interface ViewState {
  readonly runId: string;
  readonly tab: TabId;
  readonly hidden: readonly Severity[];
  readonly kind: FindingKind | 'all';
  readonly text: string;
  readonly grouping: Grouping;
  readonly collapsed: readonly string[];
  readonly rows: number;
  readonly sort: { readonly column: FunctionColumn; readonly ascending: boolean };
}

export const INITIAL_VIEW: ViewState = {
  runId: '',
  tab: 'findings',
  hidden: [],
  kind: 'all',
  text: '',
  grouping: 'severity',
  collapsed: [],
  rows: ROWS,
  sort: { column: 'cyclomatic', ascending: false },
};

/** What an earlier session kept, where it still makes sense; the defaults for the rest. */
export function restoreView(kept: unknown): ViewState {
  if (typeof kept !== 'object' || kept === null) return INITIAL_VIEW;
  const view = kept as Partial<Record<keyof ViewState, unknown>>;
  return {
    ...INITIAL_VIEW,
    runId: typeof view.runId === 'string' ? view.runId : '',
    tab: oneOf(TABS, view.tab, INITIAL_VIEW.tab),
    hidden: Array.isArray(view.hidden)
      ? SEVERITIES.filter((severity) => (view.hidden as unknown[]).includes(severity))
      : [],
    kind: oneOf(FINDING_KINDS, view.kind, 'all' as const),
    text: typeof view.text === 'string' ? view.text : '',
    grouping: oneOf(GROUPINGS, view.grouping, INITIAL_VIEW.grouping),
  };
}

function oneOf<T extends string, D extends string>(values: readonly T[], value: unknown, otherwise: D): T | D {
  return values.find((each) => each === value) ?? otherwise;
}

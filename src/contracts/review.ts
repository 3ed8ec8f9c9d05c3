/** What a code review is made of: the shapes that bundled servers return, reports print and panels show. */

export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const CONFIDENCES = ['low', 'medium', 'high'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

export const FINDING_KINDS = [
  'complexity',
  'smell',
  'pattern',
  'duplication',
  'secret',
  'sast',
  'dependency',
  'docs',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** A comment in the file that says that a finding is known and right. A type and not an interface, so that findings stay JSON. */
export type Suppression = {
  /** Of the comment, from 1. */
  readonly line: number;
  /** In the words of the comment; empty when it gives none. */
  readonly reason: string;
};

/** Where a text is replaced by another one; a type and not an interface, so that findings stay JSON. */
export type TextEdit = {
  /** From 1. */
  readonly startLine: number;
  /** In UTF-16 code units, from 1. */
  readonly startColumn: number;
  readonly endLine: number;
  /** Behind the last one that is replaced. */
  readonly endColumn: number;
  readonly text: string;
};

/** A change of the finding's own file that does away with it. */
export type Fix = {
  /** What it does, as a command: "Verify certificates". */
  readonly description: string;
  /** In order, without overlaps. */
  readonly edits: readonly TextEdit[];
};

/** What a bundled server reports; the pipeline adds which server and tool said it. */
export interface RawFinding {
  /** `area/rule`, e.g. `complexity/cyclomatic`, `sast/sql-injection`. */
  readonly ruleId: string;
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** One sentence: what is wrong here and why it matters. Never a secret's value. */
  readonly message: string;
  /** Relative to the root, with forward slashes. */
  readonly file: string;
  /** From 1. */
  readonly startLine: number;
  readonly endLine: number;
  /** `CWE-89` */
  readonly cwe?: string | undefined;
  /** What would be right. */
  readonly help?: string | undefined;
  /** Hex digest without line numbers: the same problem keeps it when lines move. */
  readonly fingerprint: string;
  /** Present when a comment takes the finding off the list; it is then listed apart. */
  readonly suppression?: Suppression | undefined;
  /** Present where a change is certain enough to be offered. */
  readonly fix?: Fix | undefined;
}

export interface Finding extends RawFinding {
  readonly server: string;
  readonly tool: string;
  /** Further rules that report the same weakness in the same place. */
  readonly alsoFrom?: readonly string[] | undefined;
  /** Present when there is a baseline: whether it is in it. */
  readonly state?: 'new' | 'known' | undefined;
}

/** What a baseline keeps of a finding. */
export interface BaselineEntry {
  readonly fingerprint: string;
  readonly ruleId: string;
  readonly file: string;
}

/** What a review was compared with. */
export interface BaselineComparison {
  /** Relative to the root when it is in it. */
  readonly file: string;
  /** Findings that are in it; unless everything was asked for, they are not among the report's. */
  readonly known: number;
  /** In it and no longer found. */
  readonly fixed: readonly BaselineEntry[];
}

/** A review of what changed only. */
export interface ChangedOnly {
  /** `staged`, or the commit, branch or tag that was named. */
  readonly since: string;
  readonly files: number;
  /** Findings in files that did not change; they are not among the report's. */
  readonly elsewhere: number;
}

export interface FunctionMetric {
  readonly file: string;
  readonly name: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly cyclomatic: number;
  /** Cognitive complexity, functions inside it included. */
  readonly cognitive?: number | undefined;
  readonly parameters: number;
  /** Lines of the function, `endLine - startLine + 1`. */
  readonly lines: number;
  /** Deepest nesting of control structures. */
  readonly nesting: number;
}

/** Measures of one file; volume, difficulty and effort are Halstead's. */
export interface FileMetric {
  readonly file: string;
  readonly lines: number;
  readonly functions: number;
  /** Sum over the functions. */
  readonly cyclomatic: number;
  readonly cognitive: number;
  readonly volume: number;
  readonly difficulty: number;
  readonly effort: number;
  /** Maintainability index: 100 is best, below 20 is hard to maintain. */
  readonly maintainability: number;
}

export interface Metrics {
  readonly files: number;
  readonly lines: number;
  readonly languages: Readonly<Record<string, { readonly files: number; readonly lines: number }>>;
  readonly functions: readonly FunctionMetric[];
  /** By language: functions that others can call, outside of tests, and how many of them say what they do. */
  readonly documented?:
    | Readonly<Record<string, { readonly functions: number; readonly documented: number }>>
    | undefined;
  /** Hardest to maintain first, bounded. */
  readonly byFile?: readonly FileMetric[] | undefined;
}

export interface DependencyEntry {
  readonly name: string;
  /** Exact where it is known, else the one that the range names; empty when there is none. */
  readonly version: string;
  /** The range or address as a manifest writes it, when it leaves the version open. */
  readonly requirement?: string | undefined;
  readonly ecosystem: string;
  /** The manifest or lockfile it stands in. */
  readonly file: string;
  readonly licence?: string | undefined;
  readonly problems: readonly string[];
}

export interface Documentation {
  readonly readme: {
    readonly file: string | null;
    /** Share of the expected parts that are there, 0 to 1. */
    readonly completeness: number;
    readonly present: readonly string[];
    readonly missing: readonly string[];
  };
  readonly links: { readonly checked: number; readonly dead: number };
  /** Number of documentation files looked at. */
  readonly files: number;
}

/** A place that could not be looked at in full. Any of these makes a result incomplete. */
export interface SkippedPlace {
  readonly file: string;
  readonly reason: string;
  /** Left out on purpose, like a file over the size limit or a link that leads outside: noted, and nothing is missing. */
  readonly deliberate?: boolean | undefined;
}

export interface Recommendation {
  readonly id: string;
  readonly title: string;
  readonly kind: FindingKind;
  readonly severity: Severity;
  /** severity × confidence × reach; higher comes first. */
  readonly score: number;
  /** Number of files touched. */
  readonly reach: number;
  /** Number of findings behind it. */
  readonly findings: number;
  /** What is wrong, told by the worst finding. */
  readonly reason: string;
  /** What would be right. */
  readonly help?: string | undefined;
  readonly ruleIds: readonly string[];
  /** Worst first, bounded; each with what its own finding says. */
  readonly places: readonly { readonly file: string; readonly line: number; readonly message?: string | undefined }[];
}

export interface ActionItem {
  readonly id: string;
  /** From 1, 1 is first. */
  readonly priority: number;
  readonly title: string;
  readonly reason: string;
  readonly severity: Severity;
  readonly effort: 'small' | 'medium' | 'large';
  readonly file: string;
  readonly line: number;
  /** Id of the recommendation it carries out. */
  readonly recommendation: string;
}

// What the tools of the bundled servers return as `structuredContent`.

export interface ListFilesResult {
  /** Absolute path of what was looked at; for a URL, of the clone. */
  readonly root: string;
  readonly source: string;
  readonly branch?: string | undefined;
  readonly commit?: string | undefined;
  readonly files: readonly {
    readonly path: string;
    readonly language: string | null;
    readonly lines: number;
    readonly bytes: number;
  }[];
  readonly totals: { readonly files: number; readonly lines: number; readonly languages: Metrics['languages'] };
  /** True when `files` was cut; `totals` still count everything. */
  readonly truncated: boolean;
  readonly skipped: readonly SkippedPlace[];
}

export interface AnalyzeRepositoryResult {
  readonly findings: readonly RawFinding[];
  /** Present when `include_metrics` was asked for. */
  readonly metrics?: Metrics | undefined;
  readonly skipped: readonly SkippedPlace[];
  /** Files that did not parse whole: analysed, but some functions may be missing. */
  readonly partial: readonly string[];
  /** Number of files by programming language for which there is no analysis; absent when there are none. */
  readonly notAnalyzed?: Readonly<Record<string, number>> | undefined;
}

export interface AnalyzeDocumentationResult {
  readonly findings: readonly RawFinding[];
  readonly documentation: Documentation;
  readonly skipped: readonly SkippedPlace[];
}

export interface ScanRepositoryResult {
  readonly findings: readonly RawFinding[];
  /** Present when `dependencies` was among the scan types. */
  readonly dependencies?: readonly DependencyEntry[] | undefined;
  readonly scannedFiles: number;
  readonly skipped: readonly SkippedPlace[];
  /** Number of files by programming language that no rule about dangerous code covers; absent when there are none. */
  readonly notAnalyzed?: Readonly<Record<string, number>> | undefined;
  /** Manifests and lockfiles known by name that no reader understands; absent when there are none. */
  readonly notUnderstood?: readonly string[] | undefined;
  /** Packages that a database of vulnerabilities was asked about; absent when it was not asked. */
  readonly lookedUp?: number | undefined;
}

export interface RecommendationsResult {
  readonly recommendations: readonly Recommendation[];
}

export interface ActionItemsResult {
  readonly actionItems: readonly ActionItem[];
}

/** What no rule looked at: a report without findings does not speak of it. */
export interface Blind {
  /** Number of files by programming language whose code was not measured. */
  readonly notAnalyzed: Readonly<Record<string, number>>;
  /** Number of files by programming language that no rule about dangerous code covers. */
  readonly notScanned: Readonly<Record<string, number>>;
  /** Manifests and lockfiles that no reader understands. */
  readonly notUnderstood: readonly string[];
}

/** How one step of the review ended. */
export interface ReviewStep {
  readonly id: string;
  readonly status: 'succeeded' | 'failed' | 'skipped' | 'cancelled';
  readonly durationMs: number;
  readonly server?: string | undefined;
  readonly tool?: string | undefined;
  /** What went wrong and where; present unless it succeeded. */
  readonly error?: string | undefined;
}

/** The review as `review --format json` prints it and the panel shows it. */
export interface ReviewReport {
  readonly version: 1;
  /** False when a step failed, was skipped or cancelled, or a place could not be looked at. */
  readonly complete: boolean;
  /** Absolute path of the repository, or of the clone. */
  readonly root: string;
  readonly source: string;
  readonly runId: string;
  readonly findings: readonly Finding[];
  readonly metrics: Metrics;
  /** Files that did not parse whole: analysed, but some functions may be missing. */
  readonly partial?: readonly string[] | undefined;
  readonly dependencies: readonly DependencyEntry[];
  readonly documentation: Documentation | null;
  readonly recommendations: readonly Recommendation[];
  readonly actionItems: readonly ActionItem[];
  readonly steps: readonly ReviewStep[];
  /** Findings below it were left out; undefined when none were. */
  readonly severity?: Severity | undefined;
  /** Absent when every file of code and every manifest was looked at. */
  readonly blind?: Blind | undefined;
  /** What was left out on purpose, one line each. */
  readonly notes?: readonly string[] | undefined;
  /** Findings that comments in the files take off the list. */
  readonly suppressed?: readonly Finding[] | undefined;
  readonly baseline?: BaselineComparison | undefined;
  readonly changedOnly?: ChangedOnly | undefined;
  /** Why the report is incomplete, one line each; empty when it is complete. */
  readonly problems: readonly string[];
}

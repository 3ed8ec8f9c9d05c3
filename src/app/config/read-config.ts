/** A configuration as it was read: what holds, who says so, and what is wrong with it. */
import type { Problem, SourceRange } from '../../contracts/index.ts';
import type { PermissionRule } from '../../middleware/permissions/policy.ts';
import type { UserConfig } from './schema.ts';

export interface ReadConfig {
  /** The user's own file. */
  readonly file: string;
  /** What holds: the user's, tightened by the workspaces'. */
  readonly config: UserConfig;
  readonly problems: readonly Problem[];
  /** Where each permission rule of the user's stands, in order. */
  readonly permissionRanges: readonly SourceRange[];
  /** Why rules of the user's that keep something from happening may be missing; undefined when none is. */
  readonly lostRules: string | undefined;
  /** What the workspace's folders add, one each. */
  readonly workspaces: readonly WorkspaceRules[];
}

export interface WorkspaceRules {
  readonly file: string;
  readonly permissions: readonly PermissionRule[];
  /** Policies that come on top of the user's: of both, what lets less happen holds. */
  readonly tools: UserConfig['tools'];
  /** Why rules may be missing; undefined when none is. */
  readonly lostRules: string | undefined;
}

/** What the parts of the panel can ask of it. */
import type { ViewState } from './view-state.ts';

export interface PanelActions {
  /** Changes what is shown, and remembers it. */
  readonly change: (view: Partial<ViewState>) => void;
  readonly open: (file: string, line: number) => void;
  readonly cancel: () => void;
  readonly rerun: () => void;
}

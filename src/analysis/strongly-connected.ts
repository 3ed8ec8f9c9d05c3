/** Strongly connected components of a directed graph (Tarjan 1972), with a stack of its own instead of recursion. */

interface State<T> {
  readonly index: Map<T, number>;
  readonly low: Map<T, number>;
  readonly stack: T[];
  readonly onStack: Set<T>;
  readonly found: T[][];
}

/** Every node reached from `roots` is in one component; most are alone in theirs. */
export function stronglyConnected<T>(roots: Iterable<T>, next: (node: T) => Iterable<T>): readonly (readonly T[])[] {
  const state: State<T> = { index: new Map(), low: new Map(), stack: [], onStack: new Set(), found: [] };
  for (const root of roots) {
    if (!state.index.has(root)) connect(root, next, state);
  }
  return state.found;
}

function connect<T>(root: T, next: (node: T) => Iterable<T>, state: State<T>): void {
  const work: { readonly node: T; readonly targets: Iterator<T> }[] = [];
  const open = (node: T): void => {
    const number = state.index.size;
    state.index.set(node, number);
    state.low.set(node, number);
    state.stack.push(node);
    state.onStack.add(node);
    work.push({ node, targets: next(node)[Symbol.iterator]() });
  };
  open(root);
  for (let top = work.at(-1); top !== undefined; top = work.at(-1)) {
    const step = top.targets.next();
    if (step.done === true) {
      work.pop();
      close(top.node, work.at(-1), state);
    } else if (!state.index.has(step.value)) {
      open(step.value);
    } else if (state.onStack.has(step.value)) {
      lower(top.node, state.index.get(step.value), state);
    }
  }
}

function close<T>(node: T, parent: { readonly node: T } | undefined, state: State<T>): void {
  if (parent !== undefined) lower(parent.node, state.low.get(node), state);
  if (state.low.get(node) !== state.index.get(node)) return;
  const members: T[] = [];
  for (;;) {
    const member = state.stack.pop() as T;
    state.onStack.delete(member);
    members.push(member);
    if (member === node) break;
  }
  state.found.push(members);
}

function lower<T>(node: T, value: number | undefined, state: State<T>): void {
  state.low.set(node, Math.min(state.low.get(node) ?? 0, value ?? 0));
}

/** Halstead's measures and the maintainability index of Oman and Hagemeister (1992), scaled to 0 … 100. */

export interface Module {
  readonly volume: number;
  readonly lines: number;
  readonly cyclomatic: number;
}

/** 171 − 5.2 ln(volume) − 0.23 cyclomatic − 16.2 ln(lines), each the average over the modules. */
export function maintainability(modules: readonly Module[]): number {
  const mean = (of: (module: Module) => number): number =>
    modules.reduce((sum, module) => sum + of(module), 0) / Math.max(1, modules.length);
  const volume = Math.max(
    1,
    mean((module) => module.volume),
  );
  const lines = Math.max(
    1,
    mean((module) => module.lines),
  );
  const index = 171 - 5.2 * Math.log(volume) - 0.23 * mean((module) => module.cyclomatic) - 16.2 * Math.log(lines);
  return Math.min(100, Math.max(0, (index * 100) / 171));
}

export interface HalsteadMeasures {
  readonly volume: number;
  readonly difficulty: number;
  readonly effort: number;
}

/** From distinct and all operators and operands (Halstead 1977). */
export function halstead(
  operators: number,
  operands: number,
  allOperators: number,
  allOperands: number,
): HalsteadMeasures {
  const vocabulary = operators + operands;
  const volume = vocabulary === 0 ? 0 : (allOperators + allOperands) * Math.log2(vocabulary);
  const difficulty = operands === 0 ? 0 : (operators / 2) * (allOperands / operands);
  return { volume, difficulty, effort: volume * difficulty };
}

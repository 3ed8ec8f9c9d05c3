/** The audit layer in `config.yaml`. */
import { layer } from '../fields.ts';

export const audit = layer('A hash-chained record of every attempt, denials too.', {}, 'on');

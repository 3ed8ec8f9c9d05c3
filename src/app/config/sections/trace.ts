/** The trace layer in `config.yaml`. */
import { layer } from '../fields.ts';

export const trace = layer('One span and one redacted trace entry per call, whatever its outcome.', {}, 'on');

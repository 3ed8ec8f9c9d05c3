/** What server processes see of the environment that this process was given. */
import { z } from 'zod';
import { section, setting } from '../fields.ts';

export const environment = section({
  inherit: setting(
    z.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_()]*$/, 'must be the name of an environment variable')),
    'Variables that server processes inherit besides those that programs need to run, such as PATH, HOME and proxies.',
    [],
  ),
})
  .prefault({})
  .describe('What server processes see of our environment. Credentials go into `env` of the server that needs them.');

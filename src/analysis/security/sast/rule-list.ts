/** All rules about dangerous code, in the order in which they are listed to people. */
import type { SastRule } from './rule.ts';
import { codeInjection } from './rules/code-injection.ts';
import { commandInjection } from './rules/command-injection.ts';
import { crossSiteScripting } from './rules/cross-site-scripting.ts';
import { pathTraversal } from './rules/path-traversal.ts';
import { sqlInjection } from './rules/sql-injection.ts';
import { tlsVerificationOff } from './rules/tls-verification-off.ts';
import { unsafeDeserialization } from './rules/unsafe-deserialization.ts';
import { weakCipher } from './rules/weak-cipher.ts';
import { weakHash } from './rules/weak-hash.ts';

export const SAST_RULES: readonly SastRule[] = [
  commandInjection,
  sqlInjection,
  codeInjection,
  unsafeDeserialization,
  crossSiteScripting,
  pathTraversal,
  tlsVerificationOff,
  weakCipher,
  weakHash,
];

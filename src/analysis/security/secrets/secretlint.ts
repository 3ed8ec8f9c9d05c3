/** secretlint's recommended preset as one more detector, called in memory and without its own messages. */
import { lintSource } from '@secretlint/core';
import { secretLintProfiler } from '@secretlint/profiler';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import type { SecretDetection } from './detection.ts';
import { isPlaceholder } from './placeholders.ts';

/** Characters above which only our own linear rules look at a text. */
const MAX_CHARACTERS = 1_000_000;

/** Names of what the preset's rules find; anything else is named after its rule. */
const TITLES: Readonly<Record<string, string>> = {
  aws: 'AWS credential',
  gcp: 'Google Cloud credential',
  privatekey: 'private key',
  npm: 'npm token',
  basicauth: 'password in an address',
  'database-connection-string': 'password in a connection string',
};

/** Rules whose findings our own detectors judge better: with placeholders, hosts and key material looked at. */
const OWN = new Set(['basicauth', 'privatekey', 'database-connection-string', 'filter-comments']);

// It is on by default and keeps every mark of every file in memory.
secretLintProfiler.setEnabled(false);

/** Some rules give the length of a value and the place of the name in front of it. */
function nameLength(text: string): number {
  return /^["']?[\w.-]{3,60}["']?[ \t]{0,8}(?:=>|:=|[:=])[ \t]{0,8}["'`]?(?=[\w/+])/.exec(text)?.[0].length ?? 0;
}

export async function findWithSecretlint(file: string, text: string): Promise<readonly SecretDetection[]> {
  if (text.length > MAX_CHARACTERS) return [];
  const dot = file.lastIndexOf('.');
  const result = await lintSource({
    source: { filePath: file, content: text, contentType: 'text', ext: dot < 0 ? '' : file.slice(dot) },
    options: { config: { rules: [{ id: 'preset', rule: creator, options: {} }] }, noPhysicFilePath: true },
  });
  const detections: SecretDetection[] = [];
  for (const message of result.messages) {
    const rule = message.ruleId.replace(/^.*secretlint-rule-/, '');
    const [from, to] = message.range;
    const start = from + nameLength(text.slice(from, from + 120));
    const end = start + to - from;
    const value = text.slice(start, end);
    if (OWN.has(rule) || value.length < 8 || isPlaceholder(value)) continue;
    detections.push({
      rule,
      title: TITLES[rule] ?? `${rule} credential`,
      severity: /AccountID/i.test(message.messageId) ? 'low' : 'high',
      confidence: 'medium',
      start,
      end,
      value,
      isKnownFormat: true,
    });
  }
  return detections;
}

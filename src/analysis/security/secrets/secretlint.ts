/** secretlint's recommended preset as one more detector, called in memory and without its own messages. */
import { lintSource } from '@secretlint/core';
import { secretLintProfiler } from '@secretlint/profiler';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import type { SecretDetection } from './detection.ts';
import { isPlaceholder } from './placeholders.ts';
import { TOKEN_TITLES } from './token-formats.ts';

/** Characters above which only our own linear rules look at a text. */
const MAX_CHARACTERS = 1_000_000;

/** What the preset's rules find, under our own names; a rule that is not here speaks of a value and no more. */
const NAMES: Readonly<Record<string, string>> = {
  aws: 'aws',
  gcp: 'gcp',
  '1password': 'onepassword-token',
  anthropic: 'anthropic-key',
  cloudflare: 'cloudflare-key',
  databricks: 'databricks-token',
  docker: 'docker-hub-token',
  figma: 'figma-token',
  github: 'github-token',
  gitlab: 'gitlab-token',
  grafana: 'grafana-token',
  groq: 'groq-key',
  'hashicorp-vault': 'hashicorp-token',
  huggingface: 'huggingface-token',
  linear: 'linear-key',
  notion: 'notion-token',
  npm: 'npm-token',
  openai: 'openai-key',
  sendgrid: 'sendgrid-key',
  shopify: 'shopify-token',
  slack: 'slack-token',
  stripe: 'stripe-key',
  tailscale: 'tailscale-key',
  vercel: 'vercel-token',
};

const TITLES: ReadonlyMap<string, string> = new Map([
  ['aws', 'AWS credential'],
  ['gcp', 'Google Cloud credential'],
  ...TOKEN_TITLES,
]);

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
    const name = NAMES[rule] ?? 'secret';
    const [from, to] = message.range;
    const start = from + nameLength(text.slice(from, from + 120));
    const end = start + to - from;
    const value = text.slice(start, end);
    if (OWN.has(rule) || value.length < 8 || isPlaceholder(value)) continue;
    detections.push({
      rule: name,
      title: TITLES.get(name) ?? 'secret',
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

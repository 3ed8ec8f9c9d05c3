/** Tokens known by their shape alone: fixed prefixes and lengths that issuers publish. */
import type { SecretDetection } from './detection.ts';
import { isPlaceholder } from './placeholders.ts';
import { entropy } from './randomness.ts';

interface TokenFormat {
  readonly rule: string;
  readonly title: string;
  readonly severity: 'critical' | 'high' | 'medium';
  /** Global; no nested repetition, so that it is linear on any input. The value is group 1 or the whole match. */
  readonly pattern: RegExp;
}

const FORMATS: readonly TokenFormat[] = [
  {
    rule: 'aws-access-key',
    title: 'AWS access key id',
    severity: 'high',
    pattern: /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b/g,
  },
  {
    rule: 'github-token',
    title: 'GitHub token',
    severity: 'critical',
    pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{60,255})\b/g,
  },
  {
    rule: 'gitlab-token',
    title: 'GitLab token',
    severity: 'critical',
    pattern: /\bgl(?:pat|dt|rt|cbt|ptt|ft|soat|agent)-[A-Za-z0-9_-]{20,64}/g,
  },
  { rule: 'slack-token', title: 'Slack token', severity: 'critical', pattern: /\bxox[abeoprs]-[A-Za-z0-9-]{10,200}/g },
  {
    rule: 'slack-webhook',
    title: 'Slack webhook address',
    severity: 'high',
    pattern: /\bhooks\.slack\.com\/(?:services|workflows)\/([A-Z0-9]{8,12}\/[A-Z0-9]{8,12}\/[A-Za-z0-9]{20,30})/g,
  },
  {
    rule: 'discord-webhook',
    title: 'Discord webhook address',
    severity: 'high',
    pattern: /\bdiscord(?:app)?\.com\/api\/webhooks\/(\d{16,20}\/[\w-]{60,80})/g,
  },
  { rule: 'google-api-key', title: 'Google API key', severity: 'high', pattern: /\bAIza[\w-]{35}(?![\w-])/g },
  {
    rule: 'google-oauth-secret',
    title: 'Google OAuth client secret',
    severity: 'high',
    pattern: /\bGOCSPX-[\w-]{28}(?![\w-])/g,
  },
  { rule: 'google-oauth-token', title: 'Google OAuth token', severity: 'high', pattern: /\bya29\.[\w-]{30,250}/g },
  {
    rule: 'stripe-key',
    title: 'Stripe live key',
    severity: 'critical',
    pattern: /\b[rs]k_live_[A-Za-z0-9]{20,120}\b/g,
  },
  {
    rule: 'stripe-test-key',
    title: 'Stripe test key',
    severity: 'medium',
    pattern: /\b[rs]k_test_[A-Za-z0-9]{20,120}\b/g,
  },
  {
    rule: 'sendgrid-key',
    title: 'SendGrid key',
    severity: 'critical',
    pattern: /\bSG\.[\w-]{22}\.[\w-]{43}(?![\w-])/g,
  },
  { rule: 'mailgun-key', title: 'Mailgun key', severity: 'high', pattern: /\bkey-[0-9a-f]{32}\b/g },
  { rule: 'mailchimp-key', title: 'Mailchimp key', severity: 'high', pattern: /\b[0-9a-f]{32}-us\d{1,2}\b/g },
  { rule: 'twilio-key', title: 'Twilio key', severity: 'high', pattern: /\bSK[0-9a-f]{32}\b/g },
  { rule: 'npm-token', title: 'npm token', severity: 'critical', pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { rule: 'pypi-token', title: 'PyPI token', severity: 'critical', pattern: /\bpypi-AgE[A-Za-z0-9_-]{50,250}/g },
  {
    rule: 'openai-key',
    title: 'OpenAI key',
    severity: 'critical',
    pattern: /\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,120}T3BlbkFJ[A-Za-z0-9_-]{20,120}/g,
  },
  {
    rule: 'anthropic-key',
    title: 'Anthropic key',
    severity: 'critical',
    pattern: /\bsk-ant-[a-z0-9]{3,12}-[\w-]{60,120}/g,
  },
  { rule: 'huggingface-token', title: 'Hugging Face token', severity: 'high', pattern: /\bhf_[A-Za-z]{34}\b/g },
  {
    rule: 'telegram-token',
    title: 'Telegram bot token',
    severity: 'high',
    pattern: /\b\d{8,10}:AA[\w-]{33}(?![\w-])/g,
  },
  {
    rule: 'digitalocean-token',
    title: 'DigitalOcean token',
    severity: 'critical',
    pattern: /\bdo[opr]_v1_[0-9a-f]{64}\b/g,
  },
  {
    rule: 'shopify-token',
    title: 'Shopify token',
    severity: 'high',
    pattern: /\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b/g,
  },
  { rule: 'square-token', title: 'Square token', severity: 'high', pattern: /\bsq0(?:atp|csp)-[\w-]{22,43}(?![\w-])/g },
  { rule: 'databricks-token', title: 'Databricks token', severity: 'high', pattern: /\bdapi[0-9a-f]{32}\b/g },
  { rule: 'hashicorp-token', title: 'HashiCorp Vault token', severity: 'high', pattern: /\bhv[sbr]\.[\w-]{24,200}/g },
  {
    rule: 'facebook-token',
    title: 'Facebook token',
    severity: 'high',
    pattern: /\bEAACEdEose0cBA[A-Za-z0-9]{20,200}/g,
  },
  {
    rule: 'azure-storage-key',
    title: 'Azure storage key',
    severity: 'critical',
    pattern: /\bAccountKey=([A-Za-z0-9+/]{86}==)/g,
  },
  {
    rule: 'azure-shared-access',
    title: 'Azure shared access key',
    severity: 'critical',
    pattern: /\bSharedAccessKey=([A-Za-z0-9+/]{43}=)/g,
  },
  {
    rule: 'age-key',
    title: 'age private key',
    severity: 'critical',
    pattern: /\bAGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}\b/g,
  },
];

/** Known tokens in a text. */
/** What is known by its format: the part of the rule's id after `secret/`, and its title. */
export const TOKEN_TITLES: readonly (readonly [rule: string, title: string])[] = FORMATS.map(
  ({ rule, title }) => [rule, title] as const,
);

export function* findTokens(text: string): Generator<SecretDetection> {
  for (const { rule, title, severity, pattern } of FORMATS) {
    for (const match of text.matchAll(pattern)) {
      const value = match[1] ?? match[0];
      if (entropy(value) < 2.8 || isPlaceholder(value)) continue;
      const start = match.index + match[0].length - value.length;
      yield { rule, title, severity, confidence: 'high', start, end: start + value.length, value, isKnownFormat: true };
    }
  }
}

const JWT = /\beyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{4,6000}\.[A-Za-z0-9_-]{10,1200}/g;

/** Signed JSON web tokens whose header really is one. */
export function* findJsonWebTokens(text: string): Generator<SecretDetection> {
  for (const match of text.matchAll(JWT)) {
    const value = match[0];
    if (!isJwtHeader(value.slice(0, value.indexOf('.')))) continue;
    yield {
      rule: 'jwt',
      title: 'JSON web token',
      severity: 'medium',
      confidence: 'medium',
      start: match.index,
      end: match.index + value.length,
      value,
      isKnownFormat: false,
    };
  }
}

function isJwtHeader(encoded: string): boolean {
  return /"(alg|typ)"\s*:/.test(Buffer.from(encoded, 'base64url').toString('utf8'));
}

const PRIVATE_KEY = /-----BEGIN ((?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?)-----/g;
/** Key material after the header, in whatever string syntax the lines are wrapped. */
const KEY_BODY = /^(?:[A-Za-z-]{1,20}: [^\n]{0,200}|[\s"'`+\\nr,.;]|(?!-----)[A-Za-z0-9+/=]){0,6000}/;

/** Private keys that carry key material; a header alone is a parser or a document. */
export function* findPrivateKeys(text: string): Generator<SecretDetection> {
  for (const match of text.matchAll(PRIVATE_KEY)) {
    const bodyStart = match.index + match[0].length;
    const body = KEY_BODY.exec(text.slice(bodyStart, bodyStart + 6000))?.[0] ?? '';
    const material = body.replace(/\\[nr]|[^A-Za-z0-9+/]/g, '');
    if (material.length < 60 || entropy(material) < 4) continue;
    yield {
      rule: 'private-key',
      title: 'private key',
      severity: 'critical',
      confidence: 'high',
      start: match.index,
      end: bodyStart + body.length,
      value: material,
      isKnownFormat: false,
    };
  }
}

/** Values that stand where a secret will be, and values that only refer to one. */
import { sequentialShare } from './randomness.ts';

/** Words that say "not the real thing" wherever they occur in a value. */
const MARKERS =
  /change[-_ ]?(me|it|this)|place[-_ ]?holder|example|sample|dummy|(?<![a-z])(fake|mock|todo|fixme|tbd)(?![a-z])|redact|replace[-_ ]?(me|this|with)|insert[-_ ]|your[-_ ]|[-_]here\b|\byour\w|my[-_ ]?(super[-_ ]?)?(secret|password|passwd|token|api|key)|not[-_ ]?(a[-_ ]?)?(real|secret|used|set)|some[-_ ]?(secret|password|token|key|value)|super[-_ ]?secret|removed|hidden|masked|scrubbed|xxxx|\*{3}|\.{3}|…|lorem|deadbeef|012345678|123456789a|abcdef(g|012|123)|undefined/i;

/** Whole values that name a thing instead of being one. */
const NAMES = new Set(
  (
    'none null nil true false yes no on off test tests testing test123 foo bar baz qux foobar abc abc123 string str text value values ' +
    'password passwd pass pwd passphrase secret secrets token tokens key keys apikey api_key auth authorization bearer basic ' +
    'default username user name login email credential credentials private public required optional enabled disabled ' +
    'inherit read write unknown empty blank invalid valid wrong incorrect some any this that self input output stdin env file prompt ask ' +
    'password1 pass1 mypass secret1 token1 key1 a b c x y z number object boolean function int bytes hidden include omit same-origin'
  ).split(' '),
);

/** Text that is filled in or looked up later. */
const REFERENCE =
  /\$\{|\$\(|\{\{|\}\}|<%|%>|#\{|%\(|%[sdv@](?![A-Za-z0-9])|\{[\w.[\]()]{1,40}\}|^<[^>]*>$|^\[[^\]]*\]$|^\$\w+$|^%\w+%$|^@\w+[@.]|^__\w+__$|^!\w+|process\.env|os\.environ|getenv|ENV\[|import\.meta|System\.get|\bsecrets\.|^ENC[[(]|^(vault|secret|secrets|op|ssm|sops|keyring|file|https?|arn|aws-ssm|gcp):|^AQICA/i;

const CODE =
  /^\s*[+&.,;:)\]}|?]+\s|\s\+\s*$|^[\w$.]+\([^)]*\)?;?$|=>|\(\?:|\\[dwsb]|\[[a-zA-Z]-[a-zA-Z]|^\w+\[\w+\]$|::|->|&&|\|\|/;
const PATH =
  /^(\.{0,2}\/|~\/|[A-Za-z]:[\\/])|^[\w./@-]+\.(js|ts|py|java|json|ya?ml|xml|html?|css|md|txt|pem|key|crt|cer|p12|jks|png|svg|conf|cfg|ini|properties|php|rb|go|sh)$/;
const DATE = /^\d{4}-\d\d-\d\d|^\d+(\.\d+)+$/;

/** Text that a person reads: words apart from each other, or letters that no key is made of. */
function isProse(value: string): boolean {
  if (/[^\P{L}A-Za-z]/u.test(value)) return true;
  return /[A-Za-z]{2,}[,.:;!?]? +[A-Za-z(]/.test(value) || /^\S+ \S+ /.test(value);
}

/** True for an obvious stand-in such as `changeme`, `<your key>` or `xxxxxxxx`. */
export function isPlaceholder(value: string): boolean {
  if (NAMES.has(value.toLowerCase()) || MARKERS.test(value)) return true;
  if (new Set(value).size <= Math.min(3, value.length / 3)) return true;
  return value.length >= 8 && sequentialShare(value) > 0.7;
}

/** True for a template, a look-up, code, a path, a date or a sentence: nothing that lets anyone in by itself. */
export function isReference(value: string): boolean {
  return REFERENCE.test(value) || CODE.test(value) || PATH.test(value) || DATE.test(value) || isProse(value);
}

/** What a file's path says about the text in it: how values are written there, and how much a secret in it weighs. */

/** `config`: bare values after `=` or `:`; `code`: values in quotes; `markup`: values between tags; `prose`: for people. */
export type TextFlavour = 'code' | 'config' | 'markup' | 'prose';

const CONFIG_NAME =
  /(^|\/)(\.env[\w.-]*|[\w.-]*\.env|dockerfile[\w.-]*|[\w.-]*\.dockerfile|\.npmrc|\.yarnrc|\.pypirc|\.netrc|_netrc|\.pgpass|\.my\.cnf|\.htpasswd|\.s3cfg|\.boto|credentials|config|makefile|jenkinsfile|procfile)$/i;
const CONFIG_EXTENSION =
  /\.(ya?ml|ini|cfg|conf|config|properties|props|toml|sh|bash|zsh|fish|ksh|bat|cmd|ps1|tfvars|cnf|service|inc|sql|env|pp|erb|j2|tpl|template|dist|list|rc|txt|log)$/i;
const MARKUP_EXTENSION = /\.(xml|html?|xhtml|jsp|aspx?|cshtml|vue|svelte|plist|csproj|xaml|wsdl|xsd|resx|storyboard)$/i;
const PROSE_EXTENSION = /\.(md|markdown|rst|adoc|asciidoc|tex|org|csv|tsv|ipynb)$/i;

/** Names without an ending that are written for people. */
const PROSE_NAME =
  /(^|\/)(readme|license|licence|copying|notice|authors|contributors|changelog|changes|history|news|todo|install)$/i;
/** `.tugboat`, `hub`: a name without an ending. */
const BARE_NAME = /(^|\/)\.?[^./]+$/;
const PROGRAM = /^#![^\n]*\b(?:python|node|ruby|perl|php|deno|bun|lua|groovy|osascript)/;

/** @param text its first line tells programs from settings where the name does not */
export function textFlavour(path: string, text = ''): TextFlavour {
  if (CONFIG_NAME.test(path) || CONFIG_EXTENSION.test(path)) return 'config';
  if (MARKUP_EXTENSION.test(path)) return 'markup';
  if (PROSE_EXTENSION.test(path) || PROSE_NAME.test(path)) return 'prose';
  return BARE_NAME.test(path) && !PROGRAM.test(text) ? 'config' : 'code';
}

const LOCKFILE =
  /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lock|poetry\.lock|pdm\.lock|uv\.lock|pipfile\.lock|cargo\.lock|gemfile\.lock|composer\.lock|go\.sum|deno\.lock|packages\.lock\.json|mix\.lock|podfile\.lock|pubspec\.lock|flake\.lock)$/i;

/** Lockfiles and source maps are written by tools: only known token formats mean something there. */
export function isMachineWritten(path: string): boolean {
  return LOCKFILE.test(path) || path.endsWith('.map');
}

const TRANSLATION =
  /(^|\/)(i18n|l10n|locales?|langs?|languages?|translations?|lproj)\/|(^|\/)(messages?|strings|translations?|labels)([_-][a-z]{2}([_-][A-Z]{2})?)?\.\w+$|(^|\/)[a-z]{2}([_-][A-Z]{2})?\.(json|ya?ml|properties|po)$|\.(po|pot|arb|xlf|xliff|strings|resx)$/;

/** Texts for people in their language: a `password` there is a label. */
export function isTranslation(path: string): boolean {
  return TRANSLATION.test(path);
}

const VENDORED =
  /(^|\/)(vendors?|third[_-]?party|bower_components|externals?|libs)\/.*\.[cm]?js$|[.-]v?\d+\.\d+(\.\d+)?([.-]\w+)*\.js$/;

/** Code of others that was copied in: what is wrong there is fixed by updating it. */
export function isVendored(path: string): boolean {
  return VENDORED.test(path);
}

const REHEARSAL =
  /(^|[/_.-])(tests?|testing|testdata|test-?data|specs?|__tests__|__mocks__|mocks?|fixtures?|e2e|examples?|samples?|demos?|docs?|documentation|tutorials?|benchmarks?|stubs?|dummy|fake|templates?|dist|sandbox)([/_.-]|$)|(^|\/)src\/it\/|[a-z](Tests?|IT|Spec)\.\w+$/;

/** Tests, fixtures, examples and documentation: what stands there is most often made up. */
export function isRehearsal(path: string): boolean {
  return REHEARSAL.test(path) || PROSE_EXTENSION.test(path);
}
